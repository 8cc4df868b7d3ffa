//! Reads the records of a block, each on its own.

use std::borrow::Cow;

use schema::BatchBuilder;

use crate::{
    Error,
    json::{
        JsonBlock, Layout,
        record::{Reader, own_key},
    },
    keys::Key,
    part::{Kept, TablePart},
    rejects::{Reason, Reject},
};

/// Reads a block's records; `file` is the number of its file.
pub(crate) fn read_block(
    layout: &Layout,
    file: u32,
    block: &JsonBlock,
) -> Result<TablePart, Error> {
    let mut reader = Reader::new(layout);
    let mut part =
        TablePart::new(file, block.read, (block.entries.len() + block.skipped.len()) as u64);
    let mut batch = BatchBuilder::new(layout.table);
    for entry in &block.entries {
        let place = block.offset + entry.value.start as u64;
        let value = &block.bytes[entry.value.clone()];
        let key = match entry.key.end == entry.value.start {
            true => own_key(value, layout.table.columns[0].name),
            false => parse_key(&block.bytes[entry.key.clone()]),
        };
        let reject = |field, reason| Reject {
            key: key.ok(),
            field,
            reason,
            place,
            file,
            item: false,
            form: None,
        };
        let read = key
            .map_err(|reason| (None, reason))
            .and_then(|key| reader.record(key, value).map(|()| key));
        match read {
            Err((field, reason)) => part.rejects.push(reject(field, reason)),
            Ok(key) => {
                let from = reader.first_row();
                reader.rows.append(from, &mut batch);
                let rows = reader.rows.len() - from;
                let content = reader.rows.content(from);
                let is_item = reader.is_item();
                part.kept.push(Kept { key, rows, place, content, is_item });
                if layout.items.is_some() {
                    part.items += (rows + reader.items.len()) as u64;
                }
                let items = reader.items.iter();
                part.rejects.extend(
                    items.map(|(field, reason)| Reject {
                        item: true,
                        ..reject(Some(*field), *reason)
                    }),
                );
                part.rejects
                    .extend(reader.mended.map(|field| reject(Some(field), Reason::MendedJson)));
                part.rejects.extend(reader.rows.issues().map(|issue| Reject {
                    form: issue.form,
                    ..reject(Some(issue.field), issue.reason)
                }));
            }
        }
    }
    for skipped in &block.skipped {
        part.rejects.push(Reject {
            key: parse_key(&skipped.key).ok(),
            field: None,
            reason: Reason::TooLarge,
            place: skipped.offset,
            file,
            item: false,
            form: None,
        });
    }
    part.unknown = reader.unknown;
    part.present = reader.rows.present().to_vec();
    part.finish(&mut batch)
}

/// The key between its quotes.
fn parse_key(raw: &[u8]) -> Result<Key, Reason> {
    let raw = std::str::from_utf8(raw).map_err(|_| Reason::InvalidUtf8)?;
    let text: Cow<'_, str> = if raw.contains('\\') {
        serde_json::from_str::<String>(&format!("\"{raw}\"")).map_err(|_| Reason::BadKey)?.into()
    } else {
        raw.into()
    };
    let text = crate::clean::text(&text).ok_or(Reason::MissingKey)?;
    Key::parse(&text).ok_or(Reason::BadKey)
}
