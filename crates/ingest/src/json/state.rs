//! Where a scan stands within a JSON object, so that it can go on when more bytes have come.

use std::ops::Range;

use memchr::memchr2;

/// How a file holds its records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// One object of records by id.
    #[default]
    ById,
    /// One array of records that name their key.
    Array,
    /// Records that name their key, one after the other: JSON Lines.
    Lines,
}

impl Form {
    /// The form of a file that begins so; `names` are what records call their fields.
    pub(crate) fn detect(beginning: &[u8], names: &[&str]) -> Self {
        let text = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(beginning).trim_ascii_start();
        let (form, inner) = match text.split_first() {
            Some((b'[', inner)) => (Self::Array, inner.trim_ascii_start().strip_prefix(b"{")),
            Some((b'{', inner)) => (Self::Lines, Some(inner)),
            _ => return Self::ById,
        };
        let key = inner.and_then(|inner| inner.trim_ascii_start().strip_prefix(b"\""));
        let is_name = |name: &&str| {
            key.and_then(|key| key.strip_prefix(name.as_bytes()))
                .is_some_and(|rest| rest.starts_with(b"\""))
        };
        if form == Self::Array && inner.is_some() || names.iter().any(is_name) {
            form
        } else {
            Self::ById
        }
    }
}

/// What the scan is looking at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    /// Before the outermost `{`.
    #[default]
    Start,
    /// Behind `{`: a key or `}`.
    FirstKey,
    /// Behind a comma: a key.
    NextKey,
    /// Within a key.
    Key,
    /// Behind a key.
    Colon,
    /// Behind a colon, or where a record of an array or of lines begins.
    Value,
    /// Within a string, an object or an array.
    Inside,
    /// Within a number or a word.
    Word,
    /// Behind a value.
    Comma,
    /// Behind the outermost `}`.
    End,
}

/// What a scan meets next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ScanStep {
    /// The end of the bytes.
    More,
    Entry {
        key: Range<usize>,
        value: Range<usize>,
    },
    /// Something else than expected, at [`Scan::at`].
    Fault {
        expected: &'static str,
    },
}

#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) at: usize,
    pub(crate) form: Form,
    state: At,
    key: Range<usize>,
    value: usize,
    /// Open brackets of the value, and whether the scan is within a string and behind a `\`.
    depth: u64,
    quoted: bool,
    escaped: bool,
}

impl Scan {
    /// Goes on to the next thing that matters; to be called until it gives [`ScanStep::More`] or a
    /// fault.
    pub(crate) fn step(&mut self, bytes: &[u8]) -> ScanStep {
        loop {
            match self.state {
                At::Key => {
                    if !self.pass_string(bytes) {
                        return ScanStep::More;
                    }
                    self.key.end = self.at - 1;
                    self.state = At::Colon;
                }
                At::Inside => {
                    if !self.pass_value(bytes) {
                        return ScanStep::More;
                    }
                    return self.entry();
                }
                At::Word => match bytes[self.at..].iter().position(|b| !is_word(*b)) {
                    None => {
                        self.at = bytes.len();
                        return ScanStep::More;
                    }
                    Some(length) => {
                        self.at += length;
                        return self.entry();
                    }
                },
                _ => {
                    let Some(byte) = self.pass_blanks(bytes) else { return ScanStep::More };
                    if let Some(expected) = self.outside(byte) {
                        return ScanStep::Fault { expected };
                    }
                }
            }
        }
    }

    /// A byte between entries; gives what was expected in its place if it is wrong.
    fn outside(&mut self, byte: u8) -> Option<&'static str> {
        let (expected, next) = match (self.state, byte) {
            (At::Start, b'[') if self.form == Form::Array => ("", At::Value),
            (At::Start | At::Comma, b'{') if self.form == Form::Lines => {
                self.state = At::Value;
                return None;
            }
            (At::Comma, _) if self.form == Form::Lines => ("a record (`{`)", self.state),
            (At::Start, b'{') => ("", At::FirstKey),
            (At::Start, _) => ("an object of records by id (`{`)", At::Start),
            (At::FirstKey | At::NextKey, b'"') => {
                self.key = self.at + 1..self.at + 1;
                ("", At::Key)
            }
            (At::FirstKey, b'}') => ("", At::End),
            (At::FirstKey | At::NextKey, _) => ("a key in double quotes", self.state),
            (At::Colon, b':') => ("", At::Value),
            (At::Colon, _) => ("`:` behind a key", self.state),
            (At::Value, _) => {
                self.value = self.at;
                if self.form != Form::ById {
                    self.key = self.at..self.at;
                }
                (self.depth, self.quoted, self.escaped) = (0, false, false);
                match byte {
                    b'{' | b'[' | b'"' => {
                        self.state = At::Inside;
                        return None;
                    }
                    b if is_word(b) => {
                        self.state = At::Word;
                        return None;
                    }
                    _ => ("a record", self.state),
                }
            }
            (At::Comma, b',') if self.form == Form::Array => ("", At::Value),
            (At::Comma, b']') if self.form == Form::Array => ("", At::End),
            (At::Comma, _) if self.form == Form::Array => {
                ("`,` or `]` behind a record", self.state)
            }
            (At::Comma, b',') => ("", At::NextKey),
            (At::Comma, b'}') => ("", At::End),
            (At::Comma, _) => ("`,` or `}` behind a record", self.state),
            _ => ("nothing behind the object", self.state),
        };
        if !expected.is_empty() {
            return Some(expected);
        }
        self.state = next;
        self.at += 1;
        None
    }

    fn entry(&mut self) -> ScanStep {
        self.state = At::Comma;
        ScanStep::Entry { key: self.key.clone(), value: self.value..self.at }
    }

    fn pass_blanks(&mut self, bytes: &[u8]) -> Option<u8> {
        while let Some(byte) = bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    /// To behind the quote that ends a string; false when the bytes end before.
    fn pass_string(&mut self, bytes: &[u8]) -> bool {
        loop {
            if self.escaped {
                if self.at == bytes.len() {
                    return false;
                }
                self.escaped = false;
                self.at += 1;
            }
            match memchr2(b'"', b'\\', &bytes[self.at..]) {
                None => {
                    self.at = bytes.len();
                    return false;
                }
                Some(length) => {
                    self.at += length + 1;
                    if bytes[self.at - 1] == b'"' {
                        return true;
                    }
                    self.escaped = true;
                }
            }
        }
    }

    /// To behind a string, an object or an array; false when the bytes end before.
    fn pass_value(&mut self, bytes: &[u8]) -> bool {
        loop {
            if self.quoted {
                if !self.pass_string(bytes) {
                    return false;
                }
                self.quoted = false;
                if self.depth == 0 {
                    return true;
                }
            }
            let Some(byte) = bytes.get(self.at) else { return false };
            self.at += 1;
            match byte {
                b'"' => self.quoted = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return true;
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether the file is complete.
    pub(crate) fn finished(&self) -> bool {
        self.state == At::End || self.form == Form::Lines && self.state == At::Comma
    }

    /// Whether nothing but blanks has been seen.
    pub(crate) fn at_start(&self) -> bool {
        self.state == At::Start
    }

    /// Where the key of the entry under way begins, while its value has not begun.
    pub(crate) fn open_key(&self) -> Option<usize> {
        let is_open = match self.state {
            At::Key | At::Colon => true,
            At::Value => self.form == Form::ById,
            _ => false,
        };
        is_open.then_some(self.key.start)
    }

    /// The key and the beginning of the value under way.
    pub(crate) fn open_value(&self) -> Option<(Range<usize>, usize)> {
        matches!(self.state, At::Inside | At::Word).then(|| (self.key.clone(), self.value))
    }

    /// The first byte that the entry under way needs.
    pub(crate) fn keep_from(&self) -> Option<usize> {
        let open = self.open_key().or(self.open_value().map(|(key, _)| key.start));
        open.map(|start| start.saturating_sub(1))
    }

    /// The first `n` bytes have been taken away.
    pub(crate) fn shift(&mut self, n: usize) {
        self.at -= n;
        self.key = self.key.start.saturating_sub(n)..self.key.end.saturating_sub(n);
        self.value = self.value.saturating_sub(n);
    }

    /// The value under way is to be passed, not kept: what is left of it begins here.
    pub(crate) fn reopen(&mut self) {
        self.key = self.at..self.at;
        self.value = self.at;
    }
}

/// What a number or a word is made of: anything but what can end it.
fn is_word(byte: u8) -> bool {
    !matches!(byte, b',' | b'}' | b']' | b':' | b'"' | b'{' | b'[' | b' ' | b'\n' | b'\r' | b'\t')
}
