//! Reads a record straight into rows of the table: serde's visitors, led by the table's layout.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::{
    json::{
        layout::{Layout, NameTable, Section, Target},
        mend::mend,
    },
    keys::Key,
    rejects::Reason,
    rows::{Once, RawValue, RecordRows},
    unknown::Unknown,
};

/// Why a record cannot be read, and where in it.
pub(super) type Fault = (Option<&'static str>, Reason);

/// Reads records one after the other.
pub(super) struct Reader<'l> {
    layout: &'l Layout,
    /// The rows of the record read last.
    pub(super) rows: RecordRows,
    /// The keys met that are not the table's.
    pub(super) unknown: Unknown,
    once: Once,
    /// Why the record is refused, when it is not for its JSON.
    fault: Option<Fault>,
    current: Option<&'static str>,
    /// Whether the record has its list, and columns of an element beside it.
    has_list: bool,
    has_item: bool,
    /// Elements of the record's list that were set aside.
    pub(super) items: Vec<(&'static str, Reason)>,
    /// The first field whose value was not JSON and has been mended.
    pub(super) mended: Option<&'static str>,
}

impl<'l> Reader<'l> {
    pub(super) fn new(layout: &'l Layout) -> Self {
        Self {
            layout,
            rows: RecordRows::new(layout.table),
            unknown: Unknown::default(),
            once: Once::default(),
            fault: None,
            current: None,
            has_list: false,
            has_item: false,
            items: Vec::new(),
            mended: None,
        }
    }

    /// Reads a record. Of a table whose records are lists, the first row is the record's own, unless
    /// the record [is an element](Self::is_item) itself.
    pub(super) fn record(&mut self, key: Key, raw: &[u8]) -> Result<(), Fault> {
        let text = simdutf8::basic::from_utf8(raw).map_err(|_| (None, encoding_fault(raw)))?;
        self.mended = None;
        self.rows.clear();
        self.once = Once::default();
        if let Err(fault) = self.json(key, text) {
            let mended = Some(text).filter(|_| fault.1 == Reason::MalformedJson).and_then(mend);
            let mended = mended.ok_or(fault)?;
            self.rows.read_again();
            self.once.read_again();
            self.json(key, &mended)?;
            self.mended = fault.0;
        }
        if let Some((_, key)) = self.layout.items.as_ref().filter(|_| self.is_item()) {
            let fault = self.rows.key_fault(*key);
            self.items.extend(fault.map(|reason| (self.layout.table.columns[*key].name, reason)));
        } else if self.layout.items.is_some() {
            self.rows.share(0, 0);
            for target in self.layout.top.iter() {
                if let Target::Column(column) = target {
                    self.rows.share(column, 0);
                }
            }
        }
        Ok(())
    }

    /// Whether the record is one row, of an element without a list about it.
    pub(super) fn is_item(&self) -> bool {
        self.has_item && !self.has_list
    }

    /// The number of the first row that the record gives.
    pub(super) fn first_row(&self) -> usize {
        usize::from(self.layout.items.is_some() && (!self.is_item() || !self.items.is_empty()))
    }

    fn json(&mut self, key: Key, text: &str) -> Result<(), Fault> {
        self.items.clear();
        (self.has_list, self.has_item) = (false, false);
        (self.fault, self.current) = (None, None);
        self.rows.begin_row();
        self.rows.put_key(0, key);
        let mut json = serde_json::Deserializer::from_str(text);
        let read = RecordSeed(self).deserialize(&mut json).and_then(|()| json.end());
        read.map_err(|_| self.fault.unwrap_or((self.current, Reason::MalformedJson)))
    }

    fn refuse<E: serde::de::Error>(&mut self, field: Option<&'static str>, reason: Reason) -> E {
        self.fault = Some((field, reason));
        E::custom("refused")
    }
}

/// The key of a record that names it itself, in a field of that name.
pub(super) fn own_key(raw: &[u8], name: &'static str) -> Result<Key, Reason> {
    struct KeyOf(&'static str);
    impl<'de> Visitor<'de> for KeyOf {
        type Value = Option<serde_json::Value>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a record")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut key = None;
            while let Some(name) = map.next_key::<std::borrow::Cow<'_, str>>()? {
                if name == self.0 {
                    key = Some(map.next_value()?);
                } else {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            Ok(key)
        }
    }
    let text = simdutf8::basic::from_utf8(raw).map_err(|_| encoding_fault(raw))?;
    if !text.trim_start().starts_with('{') {
        return Err(Reason::NotAnObject);
    }
    let read = |text: &str| serde_json::Deserializer::from_str(text).deserialize_map(KeyOf(name));
    let key = read(text).or_else(|error| mend(text).map_or(Err(error), |mended| read(&mended)));
    let text = match key.map_err(|_| Reason::MalformedJson)? {
        None | Some(serde_json::Value::Null) => return Err(Reason::MissingKey),
        Some(serde_json::Value::String(text)) => text,
        Some(other) => other.to_string(),
    };
    Key::parse(&crate::clean::text(&text).ok_or(Reason::MissingKey)?).ok_or(Reason::BadKey)
}

/// Why bytes are not UTF-8: without a single character of several bytes among letters, they are what
/// Windows writes in western Europe and Brazil.
fn encoding_fault(raw: &[u8]) -> Reason {
    let has_utf8 = raw.utf8_chunks().any(|chunk| !chunk.valid().is_ascii());
    let is_defined = |byte: &u8| !matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d);
    match has_utf8 || !raw.iter().all(is_defined) {
        true => Reason::InvalidUtf8,
        false => Reason::Windows1252,
    }
}

/// Implements the visits of everything that is neither an object, a list nor null by one function.
macro_rules! scalars {
    ($visit:ident) => {
        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
            self.$visit(RawValue::Text(text))
        }
        fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
            self.$visit(RawValue::Bool(value))
        }
        fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
            self.$visit(RawValue::Signed(value))
        }
        fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
            self.$visit(RawValue::Unsigned(value))
        }
        fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
            self.$visit(RawValue::Float(value))
        }
        fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
            self.$visit(RawValue::Null)
        }
    };
}

/// Implements [`DeserializeSeed`] by visiting whatever is there.
macro_rules! seed {
    ($seed:ident) => {
        impl<'de> DeserializeSeed<'de> for $seed<'_, '_> {
            type Value = ();
            fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
                json.deserialize_any(self)
            }
        }
    };
}

struct RecordSeed<'r, 'l>(&'r mut Reader<'l>);
seed!(RecordSeed);

impl RecordSeed<'_, '_> {
    fn scalar<E: serde::de::Error>(self, _: RawValue<'_>) -> Result<(), E> {
        Err(self.0.refuse(None, Reason::NotAnObject))
    }
}

impl<'de> Visitor<'de> for RecordSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }
    scalars!(scalar);

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(self.0.refuse(None, Reason::NotAnObject))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let reader = self.0;
        let layout = reader.layout;
        let mut hint = 0;
        loop {
            let unknown = (&mut reader.unknown, &mut reader.once);
            let seed = KeySeed { names: &layout.top, hint: &mut hint, within: None, unknown };
            let Some(target) = map.next_key_seed(seed)? else { return Ok(()) };
            match target {
                None | Some(Target::Key) => drop(map.next_value::<IgnoredAny>()?),
                Some(target @ (Target::Column(column) | Target::Item(column))) => {
                    reader.has_item |= target == Target::Item(column);
                    reader.rows.unset(column);
                    map.next_value_seed(ValueSeed { reader, column })?;
                }
                Some(Target::Section(number)) => {
                    let section = &layout.sections[number];
                    section.columns.iter().for_each(|column| reader.rows.unset(column));
                    map.next_value_seed(SectionSeed { reader, section })?;
                }
                Some(Target::Items) => {
                    let Some((section, key)) = &layout.items else { continue };
                    reader.has_list = true;
                    reader.rows.keep_rows(1);
                    reader.items.clear();
                    map.next_value_seed(ListSeed { reader, section, key: *key })?;
                }
            }
        }
    }
}

/// The columns of an object.
struct SectionSeed<'r, 'l> {
    reader: &'r mut Reader<'l>,
    section: &'r Section,
}
seed!(SectionSeed);

impl SectionSeed<'_, '_> {
    fn scalar<E: serde::de::Error>(self, cell: RawValue<'_>) -> Result<(), E> {
        match cell {
            RawValue::Null => Ok(()),
            _ => Err(self.reader.refuse(Some(self.section.name), Reason::WrongSection)),
        }
    }
}

impl<'de> Visitor<'de> for SectionSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a section of a record")
    }
    scalars!(scalar);

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(self.reader.refuse(Some(self.section.name), Reason::WrongSection))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { reader, section } = self;
        let mut hint = 0;
        loop {
            let (names, within) = (&section.columns, Some(section.name));
            let unknown = (&mut reader.unknown, &mut reader.once);
            let seed = KeySeed { names, hint: &mut hint, within, unknown };
            match map.next_key_seed(seed)? {
                None => return Ok(()),
                Some(None) => drop(map.next_value::<IgnoredAny>()?),
                Some(Some(column)) => {
                    // A key repeated within a record has its last value, and that one's faults alone.
                    reader.rows.unset(column);
                    map.next_value_seed(ValueSeed { reader: &mut *reader, column })?;
                }
            }
        }
    }
}

/// A list of objects that are a row each.
struct ListSeed<'r, 'l> {
    reader: &'r mut Reader<'l>,
    section: &'r Section,
    key: usize,
}
seed!(ListSeed);

impl ListSeed<'_, '_> {
    fn scalar<E: serde::de::Error>(self, cell: RawValue<'_>) -> Result<(), E> {
        match cell {
            RawValue::Null => Ok(()),
            _ => Err(self.reader.refuse(Some(self.section.name), Reason::WrongSection)),
        }
    }
}

impl<'de> Visitor<'de> for ListSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of a record")
    }
    scalars!(scalar);

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(self.reader.refuse(Some(self.section.name), Reason::WrongSection))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { reader, section, key } = self;
        let name = reader.layout.table.columns[key].name;
        loop {
            reader.rows.begin_row();
            let Some(shape) = list.next_element_seed(ItemSeed { reader: &mut *reader, section })?
            else {
                reader.rows.drop_row();
                return Ok(());
            };
            let fault = match shape {
                Shape::Object => reader.rows.key_fault(key).map(|reason| (name, reason)),
                Shape::Other => Some((section.name, Reason::NotAnObject)),
            };
            if let Some(fault) = fault {
                reader.rows.drop_row();
                reader.items.push(fault);
            }
        }
    }
}

enum Shape {
    Object,
    Other,
}

/// An element of such a list; what is not an object is passed over.
struct ItemSeed<'r, 'l> {
    reader: &'r mut Reader<'l>,
    section: &'r Section,
}

impl<'de> DeserializeSeed<'de> for ItemSeed<'_, '_> {
    type Value = Shape;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Shape, D::Error> {
        json.deserialize_any(self)
    }
}

/// Implements the visits of everything that is neither an object nor a list as one answer.
macro_rules! otherwise {
    ($($visit:ident: $type:ty),*) => {
        $(fn $visit<E: serde::de::Error>(self, _: $type) -> Result<Shape, E> {
            Ok(Shape::Other)
        })*
    };
}

impl<'de> Visitor<'de> for ItemSeed<'_, '_> {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an element of a list")
    }
    otherwise!(visit_str: &str, visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);

    fn visit_unit<E: serde::de::Error>(self) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Shape, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Shape::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Shape, A::Error> {
        let Self { reader, section } = self;
        SectionSeed { reader, section }.visit_map(map)?;
        Ok(Shape::Object)
    }
}

struct ValueSeed<'r, 'l> {
    reader: &'r mut Reader<'l>,
    column: usize,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        self.reader.current = Some(self.reader.layout.table.columns[self.column].name);
        json.deserialize_any(self)
    }
}

impl ValueSeed<'_, '_> {
    fn put<E: serde::de::Error>(self, cell: RawValue<'_>) -> Result<(), E> {
        self.reader.rows.put(self.column, cell);
        Ok(())
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    scalars!(put);

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        self.put(RawValue::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.put(RawValue::Other)
    }
}

/// A key, looked up; one that is not known is counted.
struct KeySeed<'r, T> {
    names: &'r NameTable<T>,
    hint: &'r mut usize,
    within: Option<&'static str>,
    unknown: (&'r mut Unknown, &'r mut Once),
}

impl<'de, T: Copy> DeserializeSeed<'de> for KeySeed<'_, T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Option<T>, D::Error> {
        json.deserialize_str(self)
    }
}

impl<T: Copy> Visitor<'_> for KeySeed<'_, T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Option<T>, E> {
        let found = self.names.find(name, self.hint);
        let (unknown, once) = self.unknown;
        if found.is_none() && once.is_new() {
            unknown.count(self.within, name);
        }
        Ok(found)
    }
}
