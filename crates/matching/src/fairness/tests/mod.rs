//! The audit by hand, and how often it raises an alarm.

use super::*;

mod by_hand;
mod simulation;
