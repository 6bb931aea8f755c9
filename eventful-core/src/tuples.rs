//! Implementations for tuples of any length up to a limit.

/// Calls the macro `$implement` once for each length of tuple, with nothing, `A`, `A B` and so on, up to all the
/// letters.
///
/// `for_each_tuple!(parameters: A B C)` is `parameters!(); parameters!(A); parameters!(A B); parameters!(A B C);`. A
/// macro that implements nothing for `()` has an empty arm for it.
macro_rules! for_each_tuple {
    ($implement:ident: $($letter:ident)*) => {
        for_each_tuple!(@ $implement [] $($letter)*);
    };
    (@ $implement:ident [$($element:ident)*]) => {
        $implement!($($element)*);
    };
    (@ $implement:ident [$($element:ident)*] $next:ident $($rest:ident)*) => {
        $implement!($($element)*);
        for_each_tuple!(@ $implement [$($element)* $next] $($rest)*);
    };
}

pub(crate) use for_each_tuple;
