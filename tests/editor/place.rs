//! Places in a source, and what the editor answers about them.

use serde_json::{Value, json};

use crate::client::Client;

/// The mark of the cursor in a part of the source.
const CURSOR: &str = "$0";

/// The cursor in a text: the beginning of a part of the text with [`CURSOR`] in it.
pub(crate) struct Place<'a> {
    client: &'a mut Client,
    text: &'a str,
    offset: usize,
}

impl<'a> Place<'a> {
    /// The cursor in `part` of `text`, which occurs once.
    pub(crate) fn new(client: &'a mut Client, text: &'a str, part: &str) -> Self {
        let before = part.find(CURSOR).expect("the part has a cursor");
        let part = part.replacen(CURSOR, "", 1);
        assert_eq!(text.matches(&part).count(), 1, "{part} occurs once");
        let start = text.find(&part).unwrap_or_default();
        Self {
            client,
            text,
            offset: start + before,
        }
    }

    fn ask(&mut self, method: &str) -> Value {
        let parameters = self.parameters();
        self.client.request(method, &parameters)
    }

    fn parameters(&self) -> Value {
        let before = &self.text[..self.offset];
        let line = before.matches('\n').count();
        let character = before.len() - before.rfind('\n').map_or(0, |end| end + 1);
        json!({
            "textDocument": self.client.document(),
            "position": { "line": line, "character": character },
        })
    }

    /// The targets of "go to definition": the line of each, or its file if that is another one.
    pub(crate) fn definitions(mut self) -> Vec<String> {
        let links = self.ask("textDocument/definition");
        elements(&links)
            .map(|link| self.line(&link["targetUri"], &link["targetSelectionRange"]))
            .collect()
    }

    /// The documentation that is shown.
    pub(crate) fn hover(mut self) -> String {
        let hover = self.ask("textDocument/hover");
        hover["contents"]["value"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The names that are offered.
    pub(crate) fn completions(mut self) -> Vec<String> {
        let list = self.ask("textDocument/completion");
        let items = list.get("items").unwrap_or(&list);
        elements(items)
            .map(|item| text(&item["label"]).trim().to_owned())
            .collect()
    }

    /// The functions that the function calls.
    pub(crate) fn calls(mut self) -> Vec<String> {
        let items = self.ask("textDocument/prepareCallHierarchy");
        let mut calls = Vec::new();
        for item in elements(&items) {
            calls.push(text(&item["name"]));
            let called = self
                .client
                .request("callHierarchy/outgoingCalls", &json!({ "item": item }));
            calls.extend(elements(&called).map(|call| format!("→ {}", text(&call["to"]["name"]))));
        }
        calls
    }

    /// The code that the attribute becomes.
    pub(crate) fn expansion(mut self) -> String {
        text(&self.ask("rust-analyzer/expandMacro")["expansion"])
    }

    /// The texts that are replaced if the name is another one.
    pub(crate) fn renamed(self) -> Vec<String> {
        let mut parameters = self.parameters();
        parameters["newName"] = json!("Renamed");
        let edit = self.client.request("textDocument/rename", &parameters);
        let edits = elements(&edit["documentChanges"]).flat_map(|file| elements(&file["edits"]));
        edits.map(|edit| self.text_in(&edit["range"])).collect()
    }

    fn text_in(&self, range: &Value) -> String {
        let column = |end: &str| number(&range[end]["character"]);
        let line = self.text.lines().nth(number(&range["start"]["line"]));
        let line = line.unwrap_or_default();
        line[column("start")..column("end")].to_owned()
    }

    fn line(&self, uri: &Value, range: &Value) -> String {
        if *uri == self.client.document()["uri"] {
            let line = self.text.lines().nth(number(&range["start"]["line"]));
            line.unwrap_or_default().trim().to_owned()
        } else {
            let uri = text(uri);
            uri.rsplit('/').next().unwrap_or_default().to_owned()
        }
    }
}

/// The messages about the whole file.
pub(crate) fn diagnostics(client: &mut Client) -> Vec<String> {
    let document = json!({ "textDocument": client.document() });
    let report = client.request("textDocument/diagnostic", &document);
    elements(&report["items"])
        .map(|item| text(&item["message"]))
        .collect()
}

fn elements(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn number(value: &Value) -> usize {
    let number = value.as_u64().unwrap_or_default();
    usize::try_from(number).unwrap_or_default()
}
