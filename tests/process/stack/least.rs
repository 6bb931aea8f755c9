//! The least stack on which a case runs, by bisection. Each trial is a process, since an overflow ends it.

use std::env;
use std::process::Stdio;
use std::thread;

use crate::this_program;

/// Something that takes stack.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Runs it, with values that are as large as its argument says.
    pub(crate) run: fn(usize),
}

const NAME: &str = "EVENTFUL_STACK_CASE";
const ARGUMENT: &str = "EVENTFUL_STACK_ARGUMENT";
const STACK: &str = "EVENTFUL_STACK_BYTES";

/// The exactness of the bisection.
const PAGE: usize = 4 << 10;

/// Runs the case that the environment names.
pub(crate) fn run_child(cases: &[&'static [Case]]) {
    let variable = |name| env::var(name).expect("the parent names a case");
    let number = |name| variable(name).parse::<usize>().expect("a number");
    let name = variable(NAME);
    let mut cases = cases.iter().copied().flatten();
    let case = cases.find(|case| case.name == name);
    let case = case.expect("the parent names a case that there is");
    let argument = number(ARGUMENT);
    let thread = thread::Builder::new().stack_size(number(STACK));
    let thread = thread.spawn(move || (case.run)(argument));
    thread
        .expect("a thread starts")
        .join()
        .expect("the case runs");
}

/// Returns the least stack for which `case` does not overflow, in bytes.
pub(crate) fn least_stack(case: &Case, argument: usize) -> usize {
    let (mut too_small, mut enough) = (0, 16 * PAGE);
    while !runs_on(case, argument, enough) {
        too_small = enough;
        enough *= 2;
        assert!(enough <= 1 << 30, "{}: it does not run at all", case.name);
    }
    while enough - too_small > PAGE {
        let middle = usize::midpoint(too_small, enough) / PAGE * PAGE;
        if runs_on(case, argument, middle) {
            enough = middle;
        } else {
            too_small = middle;
        }
    }
    enough
}

fn runs_on(case: &Case, argument: usize, stack: usize) -> bool {
    let status = this_program::command()
        .args(["--ignored", "--exact", "child"])
        .env(NAME, case.name)
        .env(ARGUMENT, argument.to_string())
        .env(STACK, stack.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.expect("this program starts").success()
}

/// The sizes of values that are compared.
pub(crate) const SMALL: usize = 16 << 10;
pub(crate) const LARGE: usize = SMALL + (1 << 20);

/// Returns how many copies of a value are on the stack at once.
pub(crate) fn copies(case: &Case) -> f64 {
    let more = least_stack(case, LARGE) - least_stack(case, SMALL);
    quotient(more, LARGE - SMALL)
}

pub(crate) fn quotient(dividend: usize, divisor: usize) -> f64 {
    let exact = |number| f64::from(u32::try_from(number).expect("a stack is not that large"));
    exact(dividend) / exact(divisor)
}
