//! The end of a log that is trimmed.

use super::support::*;
use crate::Memory;
use crate::store::Store;

#[tokio::test(start_paused = true)]
async fn the_last_event_of_a_log_stays_also_where_nobody_needs_it() {
    let store = Memory::new();
    for payload in ["1", "2", "3"] {
        publish(&store, "placed", "", payload).await;
    }
    let end = store.advance().await.expect("it answers").end;
    store.move_clock(2 * HOUR);
    let trimmed = store.trim(HOUR, 100).await.expect("it answers");
    assert_eq!(trimmed.removed, 2);
    assert_eq!(log_of(&store).await, ["3"]);
    let advanced = store.advance().await.expect("it answers");
    assert_eq!(advanced.end, end);
}
