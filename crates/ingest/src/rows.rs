//! The rows of one record while it is read: cleaned values, kept apart until the record proves
//! good.

use std::{borrow::Cow, fmt::Write, hash::Hasher};

use schema::{BatchBuilder, Kind, Role, Table, calendar};
use twox_hash::XxHash3_64;

use crate::{
    clean::{self, Parsed},
    keys::Key,
    rejects::{Issue, Reason},
};

/// A value as it came.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RawValue<'a> {
    Null,
    Text(&'a str),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Bool(bool),
    /// Days since 1970-01-01.
    Day(i64),
    Cents(i128),
    Other,
}

/// How the values of a column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReadRule {
    Key,
    Text,
    Level,
    Language,
    Status,
    /// `or_text`: the source also writes sentences there, which are not news.
    Date {
        or_text: bool,
    },
    Money,
    Count,
}

impl ReadRule {
    fn of(column: &schema::Column) -> Self {
        let name = column.name.rsplit('.').next().unwrap_or(column.name);
        match (column.kind, name) {
            _ if column.role == Role::Key => Self::Key,
            (Kind::Text, "nivel_ingles" | "nivel_espanhol") => Self::Level,
            (Kind::Text, "outro_idioma") => Self::Language,
            (Kind::Text, "situacao_candidado") => Self::Status,
            (Kind::Text, _) => Self::Text,
            (Kind::Date, _) => Self::Date { or_text: name == "data_aceite" },
            (Kind::Money, _) => Self::Money,
            (Kind::Count, _) => Self::Count,
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Slot {
    Null,
    Text(usize, usize),
    Day(i32),
    Cents(i128),
    Count(i64),
}

/// The rows that one record gives: one, or, of prospects, one an application.
#[derive(Debug)]
pub(crate) struct RecordRows {
    table: &'static Table,
    rules: Vec<ReadRule>,
    /// Row after row.
    slots: Vec<Slot>,
    row: usize,
    arena: String,
    /// The fields that were set aside: column, row, and what was.
    issues: Vec<(usize, usize, Issue)>,
    /// How often each column was given a value or a null, in all records so far.
    present: Vec<u64>,
    once: Once,
}

/// Counts what is met in a record once, though the record is read a second time: what is met again
/// comes first, in the same order.
#[derive(Debug, Default)]
pub(crate) struct Once {
    met: u64,
    counted: u64,
}

impl Once {
    /// Begins the second reading of a record.
    pub(crate) fn read_again(&mut self) {
        *self = Self { met: 0, counted: self.met };
    }

    /// Whether what is met now has not been counted.
    pub(crate) fn is_new(&mut self) -> bool {
        self.met += 1;
        self.met > self.counted
    }
}

impl RecordRows {
    pub(crate) fn new(table: &'static Table) -> Self {
        let rules = table.columns.iter().map(ReadRule::of).collect();
        let present = vec![0; table.columns.len()];
        let (slots, arena, issues) = (Vec::new(), String::new(), Vec::new());
        Self { table, rules, slots, row: 0, arena, issues, present, once: Once::default() }
    }

    /// Begins another record.
    pub(crate) fn clear(&mut self) {
        self.once = Once::default();
        self.drop_all();
    }

    /// Begins the same record again.
    pub(crate) fn read_again(&mut self) {
        self.once.read_again();
        self.drop_all();
    }

    fn drop_all(&mut self) {
        self.slots.clear();
        self.arena.clear();
        self.issues.clear();
    }

    /// Begins a row of nulls, which is filled from now on.
    pub(crate) fn begin_row(&mut self) {
        self.row = self.len();
        self.slots.resize(self.slots.len() + self.width(), Slot::Null);
    }

    /// Takes the last row back; the first is filled from now on.
    pub(crate) fn drop_row(&mut self) {
        self.keep_rows(self.len().saturating_sub(1));
    }

    /// Keeps so many rows; the first is filled from now on.
    pub(crate) fn keep_rows(&mut self, rows: usize) {
        self.slots.truncate(rows * self.width());
        self.issues.retain(|(_, of, _)| *of < rows);
        self.row = 0;
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len() / self.width()
    }

    fn width(&self) -> usize {
        self.table.columns.len()
    }

    /// Makes a column of the row null again.
    pub(crate) fn unset(&mut self, column: usize) {
        let (row, at) = (self.row, self.slot(column));
        self.slots[at] = Slot::Null;
        self.issues.retain(|(c, of, _)| (*c, *of) != (column, row));
    }

    /// Sets a column of the row to a key.
    pub(crate) fn put_key(&mut self, column: usize, key: Key) {
        let (from, at) = (self.arena.len(), self.slot(column));
        // Writing to a String cannot fail.
        let _ = write!(self.arena, "{key}");
        self.slots[at] = Slot::Text(from, self.arena.len());
    }

    /// Why the row has no key in `column`, if it has none.
    pub(crate) fn key_fault(&self, column: usize) -> Option<Reason> {
        if !matches!(self.slots[self.slot(column)], Slot::Null) {
            return None;
        }
        let bad = self.issues.iter().any(|(c, of, _)| (*c, *of) == (column, self.row));
        Some(if bad { Reason::BadKey } else { Reason::MissingKey })
    }

    /// The key in `column` of the row.
    pub(crate) fn key(&self, column: usize) -> Option<Key> {
        match self.slots[self.slot(column)] {
            Slot::Text(from, to) => Key::parse(&self.arena[from..to]),
            _ => None,
        }
    }

    /// Copies a column's value from row `from` to all rows.
    pub(crate) fn share(&mut self, column: usize, from: usize) {
        let (width, value) = (self.width(), self.slots[from * self.width() + column]);
        self.slots.iter_mut().skip(column).step_by(width).for_each(|slot| *slot = value);
    }

    /// The fields that were set aside.
    pub(crate) fn issues(&self) -> impl Iterator<Item = Issue> + '_ {
        self.issues.iter().map(|(_, _, issue)| issue.clone())
    }

    /// How often each column was given a value or a null, in all records so far.
    pub(crate) fn present(&self) -> &[u64] {
        &self.present
    }

    /// A hash of what the rows from number `from` on say, and of the key that they share.
    pub(crate) fn content(&self, from: usize) -> u32 {
        let mut hash = XxHash3_64::new();
        for slot in self.slots.iter().take(1).chain(self.slots.iter().skip(from * self.width())) {
            match *slot {
                Slot::Null => hash.write_u8(0),
                Slot::Text(a, b) => {
                    hash.write_u8(1);
                    hash.write_usize(b - a);
                    hash.write(&self.arena.as_bytes()[a..b]);
                }
                Slot::Day(day) => hash.write_i32(day),
                Slot::Cents(cents) => hash.write_i128(cents),
                Slot::Count(n) => hash.write_i64(n),
            }
        }
        (hash.finish() >> 32) as u32
    }

    /// Appends the rows from number `from` on to a batch of the table.
    pub(crate) fn append(&self, from: usize, batch: &mut BatchBuilder) {
        for row in self.slots.chunks_exact(self.width()).skip(from) {
            for (i, (slot, column)) in row.iter().zip(self.table.columns).enumerate() {
                match (column.kind, *slot) {
                    (Kind::Text, Slot::Text(a, b)) => batch.text(i, Some(&self.arena[a..b])),
                    (Kind::Text, _) => batch.text(i, None),
                    (Kind::Date, Slot::Day(day)) => batch.date(i, Some(day)),
                    (Kind::Date, _) => batch.date(i, None),
                    (Kind::Money, Slot::Cents(cents)) => batch.money(i, Some(cents)),
                    (Kind::Money, _) => batch.money(i, None),
                    (Kind::Count, Slot::Count(n)) => batch.count(i, Some(n)),
                    (Kind::Count, _) => batch.count(i, None),
                }
            }
            batch.end_row();
        }
    }

    /// Sets a column of the row to what a value says; a later value replaces it.
    pub(crate) fn put(&mut self, column: usize, cell: RawValue<'_>) {
        let (row, at) = (self.row, self.slot(column));
        self.present[column] += u64::from(self.once.is_new());
        match self.read(self.rules[column], cell) {
            Ok(slot) => self.slots[at] = slot,
            Err((slot, reason)) => {
                self.slots[at] = slot;
                let form = match (reason, cell) {
                    (Reason::InvalidDate, RawValue::Text(raw)) => Some(clean::form(raw)),
                    (Reason::InvalidDate, other) => Some(clean::form(&spelled(other))),
                    _ => None,
                };
                let field = self.table.columns[column].name;
                self.issues.push((column, row, Issue { field, reason, form }));
            }
        }
    }

    fn slot(&self, column: usize) -> usize {
        self.row * self.width() + column
    }

    fn read(&mut self, rule: ReadRule, cell: RawValue<'_>) -> Result<Slot, (Slot, Reason)> {
        let failed = |reason| (Slot::Null, reason);
        match (rule, cell) {
            (_, RawValue::Null) => Ok(Slot::Null),
            (_, RawValue::Other) => Err(failed(Reason::WrongType)),
            (ReadRule::Date { .. }, RawValue::Day(days)) => {
                slot(clean::day_of(days), Slot::Day).ok_or(failed(Reason::InvalidDate))
            }
            (ReadRule::Money, RawValue::Cents(cents)) => Ok(Slot::Cents(cents)),
            (ReadRule::Money, RawValue::Signed(_) | RawValue::Unsigned(_) | RawValue::Float(_)) => {
                slot(clean::cents_of(number(cell)), Slot::Cents).ok_or(failed(Reason::InvalidMoney))
            }
            (_, RawValue::Text(raw)) => {
                let read = match clean::text(raw) {
                    // Borrowed is what nothing was taken out of.
                    Some(Cow::Borrowed(text)) => return self.read_text(rule, text),
                    Some(Cow::Owned(text)) => self.read_text(rule, &text),
                    None => Ok(Slot::Null),
                };
                match read {
                    Ok(slot) if raw.contains('\0') => Err((slot, Reason::NulRemoved)),
                    read => read,
                }
            }
            (_, other) => {
                let text = spelled(other);
                match text.is_empty() {
                    true => Ok(Slot::Null),
                    false => self.read_text(rule, &text),
                }
            }
        }
    }

    fn read_text(&mut self, rule: ReadRule, text: &str) -> Result<Slot, (Slot, Reason)> {
        let failed = |reason| (Slot::Null, reason);
        match rule {
            ReadRule::Key if Key::parse(text).is_some() => Ok(self.keep(text)),
            ReadRule::Key => Err(failed(Reason::BadKey)),
            ReadRule::Text => Ok(self.keep(text)),
            ReadRule::Language => Ok(self.keep(&clean::language(text))),
            ReadRule::Level => match clean::level(text) {
                Parsed::Value(canonical) => Ok(self.keep(canonical)),
                _ => Err((self.keep(text), Reason::UnknownLevel)),
            },
            ReadRule::Status => match clean::status(text) {
                Parsed::Value(canonical) => Ok(self.keep(canonical)),
                _ => Err((self.keep(text), Reason::UnknownStatus)),
            },
            ReadRule::Date { or_text } => match slot(clean::date(text), Slot::Day) {
                Some(slot) => Ok(slot),
                None if or_text => Ok(Slot::Null),
                None => Err(failed(Reason::InvalidDate)),
            },
            ReadRule::Money => {
                slot(clean::money(text), Slot::Cents).ok_or(failed(Reason::InvalidMoney))
            }
            ReadRule::Count => {
                text.parse().map(Slot::Count).map_err(|_| failed(Reason::InvalidCount))
            }
        }
    }

    fn keep(&mut self, text: &str) -> Slot {
        let from = self.arena.len();
        self.arena.push_str(text);
        Slot::Text(from, self.arena.len())
    }
}

fn slot<T>(parsed: Parsed<T>, make: fn(T) -> Slot) -> Option<Slot> {
    match parsed {
        Parsed::Missing => Some(Slot::Null),
        Parsed::Value(value) => Some(make(value)),
        Parsed::Invalid => None,
    }
}

fn number(cell: RawValue<'_>) -> f64 {
    match cell {
        RawValue::Signed(n) => n as f64,
        RawValue::Unsigned(n) => n as f64,
        RawValue::Float(x) => x,
        _ => f64::NAN,
    }
}

/// A value that is not a text, as text: whole floats without a fraction, days and cents as the clean
/// tables' readers print them.
fn spelled(cell: RawValue<'_>) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = match cell {
        RawValue::Signed(n) => write!(text, "{n}"),
        RawValue::Unsigned(n) => write!(text, "{n}"),
        RawValue::Float(x) if x.is_finite() => write!(text, "{x}"),
        RawValue::Bool(b) => write!(text, "{b}"),
        RawValue::Day(days) => {
            write!(text, "{}", i32::try_from(days).map_or_else(|_| String::new(), calendar::iso))
        }
        RawValue::Cents(cents) => write!(text, "{}.{:02}", cents / 100, (cents % 100).abs()),
        RawValue::Float(_) | RawValue::Null | RawValue::Text(_) | RawValue::Other => Ok(()),
    };
    text
}
