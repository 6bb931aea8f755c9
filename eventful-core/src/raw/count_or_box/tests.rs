use std::sync::Arc;
use std::thread;

use super::super::in_place::InPlace;
use super::super::thin_box::ThinValue;
use super::*;

#[derive(Debug, Default, PartialEq)]
struct Sum {
    count: u32,
    values: Vec<Arc<u8>>,
}

/// The head of a thin box: a value that needs no sum yet.
struct First;

impl Head for First {
    type View<'a> = &'a Arc<u8>;
}

impl ThinValue<First> for Arc<u8> {
    fn view(&self) -> &Self {
        self
    }
}

type Sums = CountOrBox<First, Sum>;

impl From<Kept<First, Self>> for Sum {
    fn from(kept: Kept<First, Self>) -> Self {
        let mut sum = Self::default();
        match kept {
            Kept::Count(count) => sum.count = count,
            Kept::Thin(value) => sum.values.push(Arc::clone(value.view())),
            Kept::Box(boxed) => sum = *boxed,
        }
        sum
    }
}

impl Merge<First> for Sum {
    fn merge(first: Kept<First, Self>, second: Kept<First, Self>) -> Kept<First, Self> {
        match (first, second) {
            (Kept::Count(0), other) | (other, Kept::Count(0)) => other,
            (Kept::Count(first), Kept::Count(second)) => Kept::Count(first + second),
            (first, second) => {
                let (mut first, second) = (Self::from(first), Self::from(second));
                first.count += second.count;
                first.values.extend(second.values);
                Kept::Box(Box::new(first))
            }
        }
    }
}

fn thin(value: u8) -> Kept<First, Sum> {
    kept(&Arc::new(value))
}

fn kept(value: &Arc<u8>) -> Kept<First, Sum> {
    let thin = InPlace::with(|| Arc::clone(value), |value| ThinBox::new(First, value));
    Kept::Thin(thin)
}

/// Changes the contents of the box, which is made of what else is kept.
fn change(sums: &Sums, change: impl FnOnce(&mut Sum)) {
    let mut sum = Sum::from(sums.take());
    change(&mut sum);
    sums.put(Kept::Box(Box::new(sum)));
}

/// The count, and the values.
fn taken(sums: &Sums) -> (u32, Vec<u8>) {
    let Sum { count, values } = sums.take().into();
    (count, values.iter().map(|value| **value).collect())
}

#[test]
fn it_counts_before_and_after_the_box_is_made() {
    let sums = Sums::empty();
    assert!(sums.is_empty());
    sums.increment();
    sums.increment();
    assert!(!sums.is_empty());
    assert!(sums.change_if_boxed(|_| ()).is_none());
    change(&sums, |sum| sum.values.push(Arc::new(1)));
    sums.increment();
    assert_eq!(sums.change_if_boxed(|sum| sum.count), Some(3));
    assert_eq!(taken(&sums), (3, vec![1]));
    assert!(sums.is_empty());
}

#[test]
fn a_thin_box_is_kept_alone_or_beside_the_rest() {
    let sums = Sums::empty();
    sums.put(thin(1));
    assert!(!sums.is_empty());
    assert!(sums.change_if_boxed(|_| ()).is_none());
    assert_eq!(taken(&sums), (0, vec![1]));
    sums.increment();
    sums.put(thin(1));
    sums.increment();
    sums.put(thin(2));
    assert_eq!(taken(&sums), (2, vec![1, 2]));
}

#[test]
fn what_is_kept_is_dropped_once() {
    let value = Arc::new(1);
    let sums = Sums::empty();
    change(&sums, |sum| sum.values.push(Arc::clone(&value)));
    assert_eq!(Arc::strong_count(&value), 2);
    drop(sums);
    assert_eq!(Arc::strong_count(&value), 1);
    let sums = Sums::empty();
    sums.put(kept(&value));
    assert_eq!(Arc::strong_count(&value), 2);
    drop(sums);
    assert_eq!(Arc::strong_count(&value), 1);
    let counted = Sums::empty();
    counted.increment();
    drop(counted);
}

#[test]
fn what_is_kept_while_the_box_is_out_is_kept_too() {
    let sums = Sums::empty();
    change(&sums, |outer| {
        sums.increment();
        outer.values.push(Arc::new(1));
    });
    assert_eq!(taken(&sums), (1, vec![1]), "a count");
    change(&sums, |outer| {
        change(&sums, |inner| {
            inner.values.push(Arc::new(1));
            inner.count += 1;
        });
        outer.values.push(Arc::new(2));
    });
    assert_eq!(taken(&sums), (1, vec![1, 2]), "a box");
    sums.increment();
    let count = sums.take();
    sums.increment();
    sums.put(count);
    assert_eq!(taken(&sums), (2, vec![]), "beside a count");
}

#[test]
fn what_several_threads_keep_at_once_is_all_there() {
    let sums = Sums::empty();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..100 {
                    sums.increment();
                    sums.put(thin(1));
                    change(&sums, |sum| sum.values.push(Arc::new(1)));
                }
            });
        }
    });
    let (count, values) = taken(&sums);
    assert_eq!((count, values.len()), (400, 800));
}
