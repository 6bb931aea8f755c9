//! From the bytes of a section to records.

#[cfg(test)]
mod tests;

use super::error::{ErrorKind, RecordError};
use super::record::{
    CrateInfo, EventRecord, FamilyRecord, HandlerRecord, Record, RecordedConstraint, RecordedMode,
    RecordedName, RecordedSide, RecordedTarget,
};
use crate::wiring::WiredPosition;

/// The records of a section, in the order in which the linker has put them, which means nothing.
///
/// NULs between records are passed over: linkers fill gaps with them. Lines of an unknown kind are, too.
///
/// # Errors
///
/// If the section holds something else, or records of a newer version.
///
/// # Examples
///
/// ```
/// use eventful_core::inspect::{Record, parse};
///
/// let section = b"eventful 1 family\ncrate shop 1.2.0\nin shop::audit\nat src/audit.rs:7:7\nname shop::audit::Auditable\n\0";
/// let Record::Family(family) = &parse(section)?[0] else { panic!("a family") };
/// assert_eq!(family.name, "dyn shop::audit::Auditable");
/// # Ok::<(), eventful_core::inspect::RecordError>(())
/// ```
pub fn parse(section: &[u8]) -> Result<Vec<Record>, RecordError> {
    let mut records = Vec::new();
    let mut offset = 0;
    while let Some(padding) = section[offset..].iter().position(|&byte| byte != 0) {
        offset += padding;
        let rest = &section[offset..];
        let Some(end) = rest.iter().position(|&byte| byte == 0) else {
            return Err(RecordError(ErrorKind::NoEnd { offset }));
        };
        records.extend(record(&rest[..end], offset)?);
        offset += end;
    }
    Ok(records)
}

/// The record at `offset`; none of a kind that is not known.
fn record(bytes: &[u8], offset: usize) -> Result<Option<Record>, RecordError> {
    let error = |kind| Err(RecordError(kind));
    let Some(head) = bytes.strip_prefix(b"eventful ") else {
        return error(ErrorKind::NoRecord { offset });
    };
    let Ok(text) = std::str::from_utf8(head) else {
        return error(ErrorKind::NoText { offset });
    };
    let (head, facts) = text.split_once('\n').unwrap_or((text, ""));
    let Some((version, kind)) = head.split_once(' ') else {
        return error(ErrorKind::NoRecord { offset });
    };
    match version.parse::<u32>() {
        Ok(1) => {}
        Ok(version @ 2..) => return error(ErrorKind::NewerVersion { version }),
        _ => return error(ErrorKind::NoRecord { offset }),
    }
    let facts = Facts { facts, offset };
    match kind {
        "event" => facts.event().map(Record::Event).map(Some),
        "family" => facts.family().map(Record::Family).map(Some),
        "handler" => facts.handler().map(Record::Handler).map(Some),
        _ => Ok(None),
    }
}

/// The lines of one record behind the first.
struct Facts<'a> {
    facts: &'a str,
    offset: usize,
}

/// What every record has.
#[derive(Default)]
struct Common {
    package: CrateInfo,
    module_path: Option<String>,
    place: Option<(String, u32, u32)>,
    name: Option<String>,
    doc: Option<String>,
    is_async: bool,
}

impl Facts<'_> {
    fn event(&self) -> Result<EventRecord, RecordError> {
        let mut common = Common::default();
        let mut families = Vec::new();
        let mut contract = None;
        let (mut has_own_name, mut is_concurrent) = (false, false);
        let (mut is_fail_fast, mut is_generic) = (false, false);
        self.each(&mut common, |fact, value| {
            match fact {
                "named" => has_own_name = true,
                "concurrent" => is_concurrent = true,
                "fail_fast" => is_fail_fast = true,
                "generic" => is_generic = true,
                "handlers" => contract = Some(parse_contract(&value)?),
                "as" => families.push(name(&value)?),
                _ => {}
            }
            Some(())
        })?;
        let mode = match (common.is_async, is_concurrent) {
            (_, true) => RecordedMode::Concurrent,
            (true, false) => RecordedMode::Async,
            (false, false) => RecordedMode::Sync,
        };
        Ok(EventRecord {
            position: self.position(&mut common)?,
            name: self.required("name", common.name)?,
            package: common.package,
            has_own_name,
            mode,
            is_fail_fast,
            is_generic,
            contract,
            families,
            doc: common.doc,
        })
    }

    fn family(&self) -> Result<FamilyRecord, RecordError> {
        let mut common = Common::default();
        self.each(&mut common, |_, _| Some(()))?;
        let name = self.required("name", common.name.take())?;
        Ok(FamilyRecord {
            position: self.position(&mut common)?,
            package: common.package,
            name: format!("dyn {name}"),
            is_async: common.is_async,
            doc: common.doc,
        })
    }

    fn handler(&self) -> Result<HandlerRecord, RecordError> {
        let mut common = Common::default();
        let mut subject = None;
        let mut returns = Vec::new();
        let (mut function, mut own_id) = (None, None);
        let (mut subject_as, mut unnamed_return) = (None, None);
        let (mut returns_as, mut constraints, mut needs) = (Vec::new(), Vec::new(), Vec::new());
        let mut order = 0;
        let mut is_guarded = false;
        self.each(&mut common, |fact, value| {
            let mut constrain =
                |side, target| constraints.push(RecordedConstraint { side, target });
            match fact {
                "fn" => function = Some(value),
                "id" => own_id = Some(value),
                "of" => subject = Some(name(&value)?),
                "of-as" => subject_as = Some(value),
                "returns-as" => returns_as.push(value),
                "order" => order = value.parse().ok()?,
                "after" => constrain(RecordedSide::After, RecordedTarget::Path(value)),
                "before" => constrain(RecordedSide::Before, RecordedTarget::Path(value)),
                "after-id" => constrain(RecordedSide::After, RecordedTarget::Id(value)),
                "before-id" => constrain(RecordedSide::Before, RecordedTarget::Id(value)),
                "when" => is_guarded = true,
                "needs" => needs.push(value),
                "returns" => returns.push(name(&value)?),
                "returns-unnamed" => unnamed_return = Some(value),
                _ => {}
            }
            Some(())
        })?;
        Ok(HandlerRecord {
            position: self.position(&mut common)?,
            function: self.required("fn", function)?,
            subject: self.required("of", subject)?,
            package: common.package,
            own_id,
            subject_as,
            order,
            constraints,
            is_guarded,
            is_async: common.is_async,
            needs,
            returns,
            returns_as,
            unnamed_return,
            doc: common.doc,
        })
    }

    /// Hands what not every record has to `other`, which says none to what means nothing.
    fn each(
        &self,
        common: &mut Common,
        mut other: impl FnMut(&str, String) -> Option<()>,
    ) -> Result<(), RecordError> {
        for line in self.facts.lines() {
            let (fact, value) = line.split_once(' ').unwrap_or((line, ""));
            let understood = unescaped(value).and_then(|value| {
                match fact {
                    "crate" => common.package = package(&value)?,
                    "in" => common.module_path = Some(value),
                    "at" => common.place = Some(place(&value)?),
                    "name" => common.name = Some(value),
                    "doc" => common.doc = Some(value),
                    "async" => common.is_async = true,
                    fact => other(fact, value)?,
                }
                Some(())
            });
            if understood.is_none() {
                return Err(RecordError(ErrorKind::WrongFact {
                    offset: self.offset,
                    fact: line.to_owned(),
                }));
            }
        }
        Ok(())
    }

    fn position(&self, common: &mut Common) -> Result<WiredPosition, RecordError> {
        let (file, line, column) = self.required("at", common.place.take())?;
        Ok(WiredPosition {
            module_path: self.required("in", common.module_path.take())?,
            line,
            column,
            file,
        })
    }

    fn required<T>(&self, fact: &'static str, value: Option<T>) -> Result<T, RecordError> {
        let offset = self.offset;
        value.ok_or(RecordError(ErrorKind::MissingFact { offset, fact }))
    }
}

fn package(value: &str) -> Option<CrateInfo> {
    let (name, version) = value.split_once(' ')?;
    Some(CrateInfo {
        name: name.to_owned(),
        version: version.to_owned(),
    })
}

/// `src/charge.rs:14:14`; a file's name may have colons, too.
fn place(value: &str) -> Option<(String, u32, u32)> {
    let (value, column) = value.rsplit_once(':')?;
    let (file, line) = value.rsplit_once(':')?;
    Some((file.to_owned(), line.parse().ok()?, column.parse().ok()?))
}

/// `12:4 order.paid`; of a generic event, `12:4<> shop::Changed`, and of a family, `12:4* dyn shop::Auditable`.
fn name(value: &str) -> Option<RecordedName> {
    let (place, name) = value.split_once(' ')?;
    let (generic, family) = (place.strip_suffix("<>"), place.strip_suffix('*'));
    let (line, column) = generic.or(family).unwrap_or(place).split_once(':')?;
    Some(RecordedName {
        name: name.to_owned(),
        line: line.parse().ok()?,
        column: column.parse().ok()?,
        is_family: family.is_some(),
        is_generic: generic.is_some(),
    })
}

/// `1..`, or `1..=3`.
fn parse_contract(value: &str) -> Option<(u32, Option<u32>)> {
    let (least, most) = value.split_once("..")?;
    let most = match most.strip_prefix('=') {
        Some(most) => Some(most.parse().ok()?),
        None if most.is_empty() => None,
        None => return None,
    };
    Some((least.parse().ok()?, most))
}

/// The text that was escaped; none if it was not escaped in the way of the macros.
fn unescaped(value: &str) -> Option<String> {
    let mut text = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => match characters.next()? {
                '\\' => '\\',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => {
                    let code = characters.as_str().strip_prefix('{')?;
                    let (code, rest) = code.split_once('}')?;
                    characters = rest.chars();
                    char::from_u32(u32::from_str_radix(code, 16).ok()?)?
                }
                _ => return None,
            },
            control if control.is_control() => return None,
            other => other,
        });
    }
    Some(text)
}
