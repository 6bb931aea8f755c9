//! From the bytes of a section to records.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::error::{ErrorKind, RecordError};
use super::path::cooked;
use super::record::{
    CrateInfo, EventRecord, FamilyRecord, HandlerRecord, Record, RecordedConstraint, RecordedName,
    RecordedTarget,
};
use crate::record::fact;
use crate::{Contract, DurableFacts, EventMode, Side, WiredPosition};

/// Parses the records of a section. Their order is the linker's, and means nothing.
///
/// It passes over NULs between records, with which linkers fill gaps, and over facts that it does not know.
///
/// # Errors
///
/// If the section holds something else, or records of a newer version.
///
/// # Examples
///
/// ```
/// use eventful_wiring::inspect::{Record, parse};
///
/// let section =
///     b"eventful 1 family\ncrate shop 1.2.0\nin shop::audit\nat src/audit.rs:7:7\nname shop::audit::Auditable\n\0";
/// let Record::Family(family) = &parse(section)?[0] else { panic!("a family") };
/// assert_eq!(family.name, "dyn shop::audit::Auditable");
/// # Ok::<(), eventful_wiring::inspect::RecordError>(())
/// ```
pub fn parse(section: &[u8]) -> Result<Vec<Record>, RecordError> {
    let mut records = Vec::new();
    let mut offset = 0;
    while let Some(padding) = section[offset..].iter().position(|&byte| byte != 0) {
        offset += padding;
        let rest = &section[offset..];
        let Some(end) = rest.iter().position(|&byte| byte == 0) else {
            let kind = ErrorKind::NoEnd;
            return Err(RecordError { offset, kind });
        };
        records.extend(record(&rest[..end], offset)?);
        offset += end;
    }
    Ok(records)
}

/// The record at `offset`; `None` if its kind is not known.
fn record(bytes: &[u8], offset: usize) -> Result<Option<Record>, RecordError> {
    let error = |kind| Err(RecordError { offset, kind });
    let Some(head) = bytes.strip_prefix(b"eventful ") else {
        return error(ErrorKind::NoRecord);
    };
    let Ok(text) = std::str::from_utf8(head) else {
        return error(ErrorKind::NoText);
    };
    let (head, facts) = text.split_once('\n').unwrap_or((text, ""));
    let Some((version, kind)) = head.split_once(' ') else {
        return error(ErrorKind::NoRecord);
    };
    match version.parse::<u32>() {
        Ok(1) => {}
        Ok(version @ 2..) => return error(ErrorKind::NewerVersion(version)),
        _ => return error(ErrorKind::NoRecord),
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

/// The facts that every record has.
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
        let (mut contract, mut with) = (None, None);
        let (mut has_own_name, mut is_concurrent) = (false, false);
        let (mut is_fail_fast, mut is_generic) = (false, false);
        let (mut version, mut has_key) = (None, false);
        self.each(&mut common, |fact, value| {
            match fact {
                fact::NAMED => has_own_name = true,
                fact::CONCURRENT => is_concurrent = true,
                fact::FAIL_FAST => is_fail_fast = true,
                fact::GENERIC => is_generic = true,
                fact::HANDLERS => contract = Some(parse_contract(&value)?),
                fact::WITH => with = Some(value),
                fact::DURABLE => version = Some(value.parse().ok()?),
                fact::KEY => has_key = true,
                fact::AS => families.push(name(&value)?),
                _ => {}
            }
            Some(())
        })?;
        Ok(EventRecord {
            position: self.position(&mut common)?,
            name: self.required(fact::NAME, common.name)?,
            package: common.package,
            has_own_name,
            mode: match version {
                Some(_) => EventMode::Durable,
                None => EventMode::new(common.is_async, is_concurrent),
            },
            durable: version.map(|version| DurableFacts { version, has_key }),
            is_fail_fast,
            is_generic,
            contract,
            with,
            families,
            doc: common.doc,
        })
    }

    fn family(&self) -> Result<FamilyRecord, RecordError> {
        let mut common = Common::default();
        let mut is_durable = false;
        self.each(&mut common, |fact, _| {
            is_durable |= fact == fact::DURABLE;
            Some(())
        })?;
        let name = self.required(fact::NAME, common.name.take())?;
        Ok(FamilyRecord {
            position: self.position(&mut common)?,
            package: common.package,
            name: format!("dyn {name}"),
            is_async: common.is_async,
            is_durable,
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
        let (mut is_guarded, mut is_in_transaction) = (false, false);
        let mut separate = String::new();
        self.each(&mut common, |fact, value| {
            let mut constrain =
                |side, target| constraints.push(RecordedConstraint { side, target });
            match fact {
                fact::FN => function = Some(value),
                fact::ID => own_id = Some(value),
                fact::OF => subject = Some(name(&value)?),
                fact::OF_AS => subject_as = Some(cooked(&value)),
                fact::RETURNS_AS => returns_as.push(cooked(&value)),
                fact::ORDER => order = value.parse().ok()?,
                fact::AFTER => constrain(Side::After, RecordedTarget::Path(value)),
                fact::BEFORE => constrain(Side::Before, RecordedTarget::Path(value)),
                fact::AFTER_ID => constrain(Side::After, RecordedTarget::Id(value)),
                fact::BEFORE_ID => constrain(Side::Before, RecordedTarget::Id(value)),
                fact::WHEN => is_guarded = true,
                fact::IN_TRANSACTION => is_in_transaction = true,
                fact::SEPARATE => separate = value,
                fact::NEEDS => needs.push(value),
                fact::RETURNS => returns.push(name(&value)?),
                fact::RETURNS_UNNAMED => unnamed_return = Some(value),
                _ => {}
            }
            Some(())
        })?;
        Ok(HandlerRecord {
            position: self.position(&mut common)?,
            function: self.required(fact::FN, function)?,
            subject: self.required(fact::OF, subject)?,
            package: common.package,
            own_id,
            subject_as,
            order,
            constraints,
            is_guarded,
            is_async: common.is_async,
            is_in_transaction,
            separate,
            needs,
            returns,
            returns_as,
            unnamed_return,
            doc: common.doc,
        })
    }

    /// Hands the facts that not every record has to `other`, which returns `None` for a value that means nothing.
    fn each(
        &self,
        common: &mut Common,
        mut other: impl FnMut(&str, String) -> Option<()>,
    ) -> Result<(), RecordError> {
        for line in self.facts.lines() {
            let (fact, value) = line.split_once(' ').unwrap_or((line, ""));
            let understood = unescaped(&plain(value)).and_then(|value| {
                match fact {
                    fact::CRATE => common.package = package(&value)?,
                    fact::IN => common.module_path = Some(value),
                    fact::AT => common.place = Some(place(&value)?),
                    fact::NAME => common.name = Some(value),
                    fact::DOC => common.doc = Some(value),
                    fact::ASYNC => common.is_async = true,
                    fact => other(fact, value)?,
                }
                Some(())
            });
            if understood.is_none() {
                return Err(self.error(ErrorKind::WrongFact(line.to_owned())));
            }
        }
        Ok(())
    }

    fn position(&self, common: &mut Common) -> Result<WiredPosition, RecordError> {
        let (file, line, column) = self.required(fact::AT, common.place.take())?;
        let module_path = self.required(fact::IN, common.module_path.take())?;
        Ok(WiredPosition::new(module_path, file, line, column))
    }

    fn required<T>(&self, fact: &'static str, value: Option<T>) -> Result<T, RecordError> {
        value.ok_or(self.error(ErrorKind::MissingFact(fact)))
    }

    const fn error(&self, kind: ErrorKind) -> RecordError {
        let offset = self.offset;
        RecordError { offset, kind }
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
fn parse_contract(value: &str) -> Option<Contract> {
    let (least, most) = value.split_once("..")?;
    let most = match most.strip_prefix('=') {
        Some(most) => Some(most.parse().ok()?),
        None if most.is_empty() => None,
        None => return None,
    };
    Some(Contract::new(least.parse().ok()?, most))
}

/// The value without the `r#` of modules, which `module_path!` keeps and which the names of functions and types lose.
/// Any other `r#` is escaped.
fn plain(value: &str) -> Cow<'_, str> {
    if value.contains("r#") {
        value.replace("r#", "").into()
    } else {
        value.into()
    }
}

/// The text that was escaped; `None` if it was not escaped in the way of the macros.
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
