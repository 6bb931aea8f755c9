//! Ours and the peers do the same work.

use eventful_bench::cases;
use eventful_bench::plain::NOTHING;

#[test]
fn handlers_add_up_to_the_same_on_every_peer() {
    let mut cases = cases();
    cases.retain(|case| case.peer != NOTHING);
    for of_workload in cases.chunk_by_mut(|first, second| first.workload == second.workload) {
        let [first, rest @ ..] = of_workload else {
            continue;
        };
        let expected = first.sum_of(100);
        assert!(!rest.is_empty(), "{} has no peer", first.workload);
        for case in rest {
            let sum = case.sum_of(100);
            assert_eq!(sum, expected, "{} of {}", case.workload, case.peer);
        }
    }
}
