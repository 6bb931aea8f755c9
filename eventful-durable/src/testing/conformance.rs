//! Checks that a store keeps what [`Store`] promises.
//!
//! [`check`] runs all of them, each over a store of its own. They need some seconds of the store's time: leases run out
//! in them. What a crash leaves, they cannot see: kill the process for that.

mod delivery;
mod exceptions;
mod leases;
mod people;
mod world;

use std::future::Future;
use std::sync::Arc;

use crate::store::Store;

/// Runs all checks. `make` makes an empty store each time.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use eventful::durable::Memory;
/// use eventful::durable::store::Store;
/// use eventful::durable::testing::conformance;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// conformance::check(|| async { Arc::new(Memory::new()) as Arc<dyn Store> }).await;
/// # }
/// ```
///
/// # Panics
///
/// If a promise is broken. The panic names the check and the promise.
pub async fn check<M, F>(make: M)
where
    M: Fn() -> F,
    F: Future<Output = Arc<dyn Store>>,
{
    leases::one_holder_at_a_time(make().await).await;
    leases::a_lease_that_ran_out_is_taken(make().await).await;
    leases::a_released_lease_is_no_crash(make().await).await;
    leases::only_deaths_alone_count(make().await).await;
    leases::workers_see_each_other(make().await).await;
    delivery::an_empty_store_begins_at_the_beginning(make().await).await;
    delivery::a_store_in_use_begins_at_its_end(make().await).await;
    delivery::a_name_is_heard_since_it_was_registered(make().await).await;
    delivery::a_fetch_is_bounded_and_misses_nothing(make().await).await;
    delivery::once_is_once(make().await).await;
    delivery::what_is_scheduled_comes_when_it_is_due(make().await).await;
    delivery::acknowledgements_are_guarded(make().await).await;
    exceptions::a_retry_that_is_not_due_shuts_its_key(make().await).await;
    exceptions::the_time_of_tries_begins_with_the_first(make().await).await;
    exceptions::a_parked_retry_is_woken(make().await).await;
    exceptions::a_done_row_commits_with_the_transaction(make().await).await;
    exceptions::a_transaction_without_the_token_is_void(make().await).await;
    exceptions::dead_letters_are_kept_retried_and_discarded(make().await).await;
    exceptions::a_dead_letter_outlives_the_log(make().await).await;
    people::a_paused_subscription_is_not_leased(make().await).await;
    people::was_renames(make().await).await;
    people::a_split_moves_retries_by_slot(make().await).await;
    people::parts_and_replays_know_what_is_done(make().await).await;
    people::joined_partitions_skip_what_is_done(make().await).await;
    people::a_replay_revokes_and_goes_back(make().await).await;
    people::trimming_stops_at_what_is_needed(make().await).await;
    people::erasing_empties_payloads(make().await).await;
}
