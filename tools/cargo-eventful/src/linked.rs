//! The handlers that could have been linked into a program, compared with those that were.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, PackageId};
use eventful_wiring::WiredPosition;
use eventful_wiring::inspect::{HandlerRecord, Program, Record};

use crate::cargo::{self, Built, BuiltLibrary, Chosen, Dependent, EventfulCrate};
use crate::failure::Failure;
use crate::link_line::{LinkLine, existing, suggested};
use crate::object_file;
use crate::options::ProgramOptions;

/// The crates that could carry handlers, the nearest to the program first.
#[derive(Debug)]
pub(crate) struct Linked<'a> {
    metadata: &'a Metadata,
    /// The program's package and root file.
    program: (PackageId, PathBuf),
    crates: Vec<KnownCrate>,
}

/// A crate, and what of it is not in the program.
#[derive(Debug)]
pub(crate) struct KnownCrate {
    pub(crate) graph: EventfulCrate,
    pub(crate) records: Vec<Record>,
    pub(crate) missing: Vec<HandlerRecord>,
}

impl KnownCrate {
    /// Tells if it has handlers and none is in the program.
    pub(crate) fn is_left_out(&self) -> bool {
        let handlers = self.records.iter();
        let handlers = handlers.filter(|it| matches!(it, Record::Handler(_)));
        !self.missing.is_empty() && self.missing.len() == handlers.count()
    }
}

/// The line that links a crate, and its file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Remedy {
    pub(crate) file: String,
    pub(crate) line: LinkLine,
}

impl<'a> Linked<'a> {
    pub(crate) fn new(
        metadata: &'a Metadata,
        chosen: Chosen<'_>,
        options: &ProgramOptions,
        built: &Built,
        program: &Program,
    ) -> Result<Self, Failure> {
        let graph = cargo::eventful_crates(metadata, chosen);
        let wanted: HashSet<PackageId> = graph.iter().map(|it| it.package.clone()).collect();
        let libraries = match read(&built.libraries, &wanted)? {
            Some(libraries) => libraries,
            None => read_without_lto(metadata, chosen, options, &wanted)?,
        };
        let present: HashSet<_> = handlers(program.records()).map(identity).collect();
        let crates = graph.into_iter().map(|graph| {
            let of_package = libraries.iter().filter(|it| it.package == graph.package);
            let records: Vec<Record> = of_package.flat_map(|it| it.records.clone()).collect();
            let mut seen = HashSet::new();
            let missing = handlers(&records)
                .filter(|it| !present.contains(&identity(it)) && seen.insert(identity(it)))
                .cloned()
                .collect();
            KnownCrate {
                graph,
                records,
                missing,
            }
        });
        Ok(Self {
            metadata,
            program: (
                chosen.package.id.clone(),
                chosen.target.src_path.clone().into(),
            ),
            crates: crates.collect(),
        })
    }

    pub(crate) fn crates(&self) -> &[KnownCrate] {
        &self.crates
    }

    /// None if no crate that can be changed here depends on `missing`.
    pub(crate) fn remedy(&self, missing: &KnownCrate) -> Option<Remedy> {
        let dependent = self.dependent(missing)?;
        if let Some(remedy) = self.unlinked_library(dependent) {
            return Some(remedy);
        }
        // Whatever else is to be linked in the same file belongs into the same line.
        let mut names = Vec::new();
        let mut is_by_path = true;
        for other in self.crates.iter().filter(|it| it.is_left_out()) {
            if let Some(other) = self.dependent(other)
                && other.root == dependent.root
                && !names.contains(&other.calls_it)
            {
                names.push(other.calls_it.clone());
                is_by_path &= other.is_by_path;
            }
        }
        let root = &dependent.root;
        Some(self.in_file(root, suggested(existing(root), &names, is_by_path)))
    }

    /// The line that links the library of the program's package. Without it, what the library links is missing, too.
    fn unlinked_library(&self, dependent: &Dependent) -> Option<Remedy> {
        let links_it = existing(&dependent.root)
            .is_some_and(|link| link.is_of_manifest() && dependent.is_by_path);
        let is_library = dependent.package == self.program.0 && !dependent.is_program;
        let is_named = existing(&self.program.1).is_some_and(|link| link.is_of_manifest());
        (is_library && links_it && !is_named)
            .then(|| self.in_file(&self.program.1, suggested(None, &[], true)))
    }

    fn in_file(&self, root: &Path, line: LinkLine) -> Remedy {
        let within_workspace = root.strip_prefix(&self.metadata.workspace_root);
        Remedy {
            file: within_workspace.unwrap_or(root).display().to_string(),
            line,
        }
    }

    /// The crate that is to link it: one that can be changed here and is in the program, the nearest to the program
    /// first; and of these, one that links something already.
    fn dependent<'b>(&self, missing: &'b KnownCrate) -> Option<&'b Dependent> {
        let dependents = missing.graph.dependents.iter();
        let own: Vec<_> = dependents
            .filter(|it| self.metadata[&it.package].source.is_none())
            .collect();
        let is_left_out = |package| {
            let mut crates = self.crates.iter();
            crates.any(|it| it.graph.package == package && it.is_left_out())
        };
        let in_program: Vec<_> = own
            .iter()
            .copied()
            .filter(|it| it.is_program || !is_left_out(it.package.clone()))
            .collect();
        let mut nearest = in_program.iter().copied();
        nearest
            .find(|it| existing(&it.root).is_some())
            .or(in_program.first().copied())
            .or(own.first().copied())
    }
}

fn handlers(records: &[Record]) -> impl Iterator<Item = &HandlerRecord> {
    records.iter().filter_map(|record| match record {
        Record::Handler(handler) => Some(handler),
        _ => None,
    })
}

/// The key that tells one record of a handler from others, in whatever file it is.
fn identity(handler: &HandlerRecord) -> (&str, &WiredPosition, &str, Option<&str>) {
    let written = handler.subject_as.as_deref();
    let subject = handler.subject.name.as_str();
    (&handler.package.name, &handler.position, subject, written)
}

/// The records of a library.
struct LibraryRecords {
    package: PackageId,
    records: Vec<Record>,
}

/// None if a library is not compiled to the end.
fn read(
    libraries: &[BuiltLibrary],
    wanted: &HashSet<PackageId>,
) -> Result<Option<Vec<LibraryRecords>>, Failure> {
    let mut all = Vec::new();
    for library in libraries.iter().filter(|it| wanted.contains(&it.package)) {
        let found = object_file::read(&library.path)?;
        if found.has_bitcode && found.records.is_empty() {
            return Ok(None);
        }
        all.push(LibraryRecords {
            package: library.package.clone(),
            records: found.records,
        });
    }
    Ok(Some(all))
}

fn read_without_lto(
    metadata: &Metadata,
    chosen: Chosen<'_>,
    options: &ProgramOptions,
    wanted: &HashSet<PackageId>,
) -> Result<Vec<LibraryRecords>, Failure> {
    let target_directory = match &options.target_dir {
        Some(directory) => directory.as_path(),
        None => metadata.target_directory.as_std_path(),
    };
    let directory = target_directory.join("eventful");
    anstream::eprintln!(
        "note: with link-time optimization the libraries hold no records yet; they are built once more without it, in {}",
        directory.display()
    );
    let built = cargo::build_without_lto(chosen, options, directory)?;
    read(&built.libraries, wanted)?.ok_or_else(|| {
        Failure::new(
            "the libraries hold no object code, also when they are built without link-time optimization; take \
             `-C linker-plugin-lto` out of RUSTFLAGS",
        )
    })
}
