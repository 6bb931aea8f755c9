//! The versions of a store's tables.

use eventful_durable::store::StoreError;

/// The tables of a store, as this program knows them.
pub(crate) struct Schema {
    /// The name of the store's type.
    pub(crate) store: &'static str,
    /// The kind of database that the tables are in.
    pub(crate) place: &'static str,
    /// The newest version that this program knows.
    pub(crate) known: usize,
}

impl Schema {
    /// Fails unless the tables have the version of this program.
    pub(crate) fn require(&self, version: usize) -> Result<(), StoreError> {
        self.refuse_newer(version)?;
        let Self {
            store,
            place,
            known,
        } = self;
        if version == *known {
            return Ok(());
        }
        Err(StoreError::refused(format!(
            "the tables of eventful in this {place} have version {version}, and this program needs {known}: call \
             `{store}::new(pool).migrate().await?` when the program starts"
        )))
    }

    /// Fails if a newer program has migrated the tables.
    pub(crate) fn refuse_newer(&self, version: usize) -> Result<(), StoreError> {
        let Self { place, known, .. } = self;
        if version <= *known {
            return Ok(());
        }
        Err(StoreError::refused(format!(
            "a newer version of eventful has migrated this {place}: its tables have version {version}, and this program \
             knows {known}; update the program"
        )))
    }
}
