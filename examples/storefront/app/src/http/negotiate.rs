//! The choice between JSON and a page.

use axum::http::{HeaderMap, header};

/// Returns `true` if `Accept` names JSON, and before HTML. Browsers name HTML. A client that names nothing gets the
/// page.
pub(super) fn prefers_json(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).into_iter();
    let mut kinds = accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|kind| kind.split(';').next().unwrap_or_default().trim());
    let wanted = kinds.find(|kind| matches!(*kind, "application/json" | "text/html"));
    wanted == Some("application/json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_for_those_who_ask_for_it_first() {
        for (accept, expected) in [
            ("application/json", true),
            ("application/json;q=0.9, text/html", true),
            (
                "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8",
                false,
            ),
            ("*/*", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            assert_eq!(prefers_json(&headers), expected, "{accept}");
        }
        assert!(!prefers_json(&HeaderMap::new()));
    }
}
