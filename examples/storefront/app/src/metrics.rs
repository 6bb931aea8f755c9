//! Counters and histograms, for Prometheus.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// From a tenth of a millisecond to ten seconds.
const BUCKETS: [f64; 11] = [
    0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0,
];

/// Returns the recorder of this process. All shops in it share one.
pub(crate) fn recorder() -> PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    let install = || {
        PrometheusBuilder::new()
            .set_buckets(&BUCKETS)
            .expect("there are buckets")
            .install_recorder()
            .expect("nobody else installs a recorder")
    };
    RECORDER.get_or_init(install).clone()
}
