//! JSON as the source writes it: Python's `json.dump(…, ensure_ascii=False)`, with `", "` and
//! `": "` between things.

/// Appends JSON to a buffer; keeps track of commas only.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    pub(crate) out: String,
    /// Something stands before the next key or value in the open object.
    comma: bool,
}

impl Writer {
    /// Opens an object: of the key, or as a value where the key is empty.
    pub(crate) fn open(&mut self, key: &str) {
        self.key(key);
        self.out.push('{');
        self.comma = false;
    }

    pub(crate) fn close(&mut self) {
        self.out.push('}');
        self.comma = true;
    }

    pub(crate) fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        quote(&mut self.out, value);
    }

    /// Empty texts under all the keys.
    pub(crate) fn blanks(&mut self, keys: &[&str]) {
        for key in keys {
            self.text(key, "");
        }
    }

    fn key(&mut self, key: &str) {
        if self.comma {
            self.out.push_str(", ");
        }
        if !key.is_empty() {
            quote(&mut self.out, key);
            self.out.push_str(": ");
        }
        self.comma = true;
    }
}

/// Appends a string with its quotation marks.
pub(crate) fn quote(out: &mut String, text: &str) {
    out.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&text[from..at]);
        from = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'\r' => out.push_str("\\r"),
            other => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.push_str("\\u00");
                out.push(char::from(HEX[usize::from(other >> 4)]));
                out.push(char::from(HEX[usize::from(other & 15)]));
            }
        }
    }
    out.push_str(&text[from..]);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_come_back() {
        let every: String = (0..0x180).filter_map(char::from_u32).collect();
        let mut out = String::new();
        quote(&mut out, &every);
        assert_eq!(serde_json::from_str::<String>(&out).unwrap(), every);
    }

    #[test]
    fn objects_are_separated_as_python_does() {
        let mut writer = Writer::default();
        writer.open("");
        writer.text("a", "1");
        writer.open("b");
        writer.close();
        writer.blanks(&["c"]);
        writer.close();
        assert_eq!(writer.out, r#"{"a": "1", "b": {}, "c": ""}"#);
    }
}
