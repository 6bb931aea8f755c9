#![deny(unused_must_use)]

use eventful::testing::Recorder;

fn main() {
    let recorder = Recorder::new();
    recorder.assert_in_order();
}
