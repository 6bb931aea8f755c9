//! The engine over a store in memory: deterministic runs with paused time.

mod changes;
mod crash;
mod delivery;
mod failures;
mod hand_over;
mod housekeeping;
mod huge;
mod kit;
mod leases;
mod model;
mod people;
mod process;
mod retries;
mod rolling;
mod running;
mod slow;
mod support;
mod suspects;
mod trimming;
mod waiting;
