//! The crates that could have handlers, and their dependents.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::PathBuf;

use cargo_metadata::{DependencyKind, Metadata, Node, NodeDep, PackageId};

use super::Chosen;

/// A library that the program could be linked with, and that depends on the framework.
#[derive(Clone, Debug)]
pub(crate) struct EventfulCrate {
    pub(crate) package: PackageId,
    /// The package's name.
    pub(crate) name: String,
    /// The crates that could link it, the nearest to the program first.
    pub(crate) dependents: Vec<Dependent>,
}

/// A crate that depends on another one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Dependent {
    pub(crate) package: PackageId,
    /// Its `main.rs` or `lib.rs`.
    pub(crate) root: PathBuf,
    /// It is the program, and no library.
    pub(crate) is_program: bool,
    /// The name that it has for the other one.
    pub(crate) calls_it: String,
    /// `link!()` without arguments names the other one.
    pub(crate) is_by_path: bool,
}

/// The packages of the framework, which have no handlers. Whoever has some depends on the first.
const OURS: [&str; 3] = ["eventful-core", "eventful-framework", "eventful-macros"];

/// The crates that could carry handlers, the nearest to the program first.
pub(crate) fn eventful_crates(metadata: &Metadata, chosen: Chosen<'_>) -> Vec<EventfulCrate> {
    let Some(resolve) = &metadata.resolve else {
        return Vec::new();
    };
    let graph = Graph {
        metadata,
        chosen,
        nodes: resolve.nodes.iter().map(|it| (&it.id, it)).collect(),
        with_core: dependents_of_core(metadata, &resolve.nodes),
    };
    graph.crates()
}

/// Tells if the events and handlers of the program leave records: it depends on the framework, which has the feature.
pub(crate) fn leaves_records(metadata: &Metadata, chosen: Chosen<'_>) -> bool {
    let nodes = metadata.resolve.as_ref().map_or(&[][..], |it| &it.nodes);
    let has_feature = |node: &Node| node.features.iter().any(|it| **it == *"records");
    let mut cores = nodes.iter().filter(|it| metadata[&it.id].name == OURS[0]);
    cores.any(has_feature) && dependents_of_core(metadata, nodes).contains(&chosen.package.id)
}

struct Graph<'a> {
    metadata: &'a Metadata,
    chosen: Chosen<'a>,
    nodes: HashMap<&'a PackageId, &'a Node>,
    with_core: HashSet<&'a PackageId>,
}

impl Graph<'_> {
    fn crates(&self) -> Vec<EventfulCrate> {
        let program = self.chosen.package;
        let mut crates: Vec<EventfulCrate> = self.own_library().into_iter().collect();
        let mut seen = HashSet::from([&program.id]);
        let mut queue = VecDeque::from([&program.id]);
        while let Some(id) = queue.pop_front() {
            let node = self.nodes.get(id).copied();
            let dependencies = node.into_iter().flat_map(|node| &node.deps);
            for dependency in dependencies.filter(|it| self.may_have_handlers(id, it)) {
                let dependent = self.dependent(id, dependency);
                match crates.iter_mut().find(|it| it.package == dependency.pkg) {
                    Some(known) => known.dependents.extend(dependent),
                    None => crates.push(EventfulCrate {
                        package: dependency.pkg.clone(),
                        name: self.metadata[&dependency.pkg].name.to_string(),
                        dependents: dependent.into_iter().collect(),
                    }),
                }
                if seen.insert(&dependency.pkg) {
                    queue.push_back(&dependency.pkg);
                }
            }
        }
        crates
    }

    /// The library of the program's package, which no dependency names.
    fn own_library(&self) -> Option<EventfulCrate> {
        let program = self.chosen.package;
        let (calls_it, _) = self.library(&program.id)?;
        Some(EventfulCrate {
            package: program.id.clone(),
            name: program.name.to_string(),
            dependents: vec![Dependent {
                package: program.id.clone(),
                root: self.chosen.target.src_path.clone().into(),
                is_program: true,
                calls_it,
                is_by_path: true,
            }],
        })
    }

    fn may_have_handlers(&self, dependent: &PackageId, dependency: &NodeDep) -> bool {
        let is_program = *dependent == self.chosen.package.id;
        let has_development = is_program && !self.chosen.target.is_bin();
        let is_linked = dependency.dep_kinds.iter().any(|it| match it.kind {
            DependencyKind::Normal => true,
            DependencyKind::Development => has_development,
            _ => false,
        });
        is_linked
            && self.with_core.contains(&dependency.pkg)
            && !OURS.contains(&self.metadata[&dependency.pkg].name.as_str())
            && self.library(&dependency.pkg).is_some()
    }

    fn dependent(&self, id: &PackageId, dependency: &NodeDep) -> Option<Dependent> {
        let is_local = self.metadata[&dependency.pkg].source.is_none();
        let dependent = |root, is_program, is_by_path| Dependent {
            package: id.clone(),
            root,
            is_program,
            calls_it: dependency.name.clone(),
            is_by_path,
        };
        // The library links for the program, so that tests see the same. It does not see what only tests depend on.
        let mut kinds = dependency.dep_kinds.iter();
        let is_for_libraries = kinds.any(|it| it.kind == DependencyKind::Normal);
        let library = self.library(id);
        let has_library = library.is_some();
        if let Some((_, root)) = library.filter(|_| is_for_libraries) {
            return Some(dependent(root, false, is_local));
        }
        let program = self.chosen.target.src_path.clone().into();
        (*id == self.chosen.package.id).then(|| dependent(program, true, is_local && !has_library))
    }

    /// The name of the package's library for others, and its root.
    fn library(&self, package: &PackageId) -> Option<(String, PathBuf)> {
        let mut targets = self.metadata[package].targets.iter();
        let library = targets.find(|it| it.is_lib() || it.is_rlib())?;
        let root = library.src_path.clone().into();
        Some((library.name.replace('-', "_"), root))
    }
}

/// Everything that depends on core, however far away.
fn dependents_of_core<'a>(metadata: &Metadata, nodes: &'a [Node]) -> HashSet<&'a PackageId> {
    let mut dependents: HashMap<&PackageId, Vec<&PackageId>> = HashMap::new();
    for node in nodes {
        for dependency in &node.dependencies {
            dependents.entry(dependency).or_default().push(&node.id);
        }
    }
    let is_core = |node: &&Node| metadata[&node.id].name == OURS[0];
    let mut queue: Vec<_> = nodes.iter().filter(is_core).map(|it| &it.id).collect();
    let mut found: HashSet<_> = queue.iter().copied().collect();
    while let Some(id) = queue.pop() {
        for dependent in dependents.get(id).into_iter().flatten() {
            if found.insert(dependent) {
                queue.push(dependent);
            }
        }
    }
    found
}
