//! The files of models that a policy names (language reference §11).

use super::gather::joined;
use super::{Project, Unread};
use crate::ids::FileId;
use crate::model::ModelFile;
use comity_grammar::tree::DeclarationKind;
use std::collections::BTreeSet;

impl Project {
    /// Takes in the files of models. `read` is asked for those that the policy names, by their paths from the
    /// project's own folder, with `/`; a file that was read before is not asked for again.
    pub fn read_models(&mut self, read: &mut dyn FnMut(&str) -> Result<Vec<u8>, Unread>) {
        for path in self.model_paths() {
            if !matches!(self.models.get(&path), Some(Ok(_))) {
                let file = read(&path).map(ModelFile::new);
                self.models.insert(path, file);
            }
        }
    }

    /// The paths of the models' files that the policy names, from the project's own folder. Those that lead out of the
    /// folder of the project that names them aren't among them.
    pub fn model_paths(&self) -> BTreeSet<String> {
        let mut paths = BTreeSet::new();
        for (position, file) in self.files.iter().enumerate() {
            // Most files declare none, and needn't be parsed for it.
            if !file.text.contains("model")
                || !file.text.contains("from")
                || file.problem(FileId(0)).is_some()
            {
                continue;
            }
            for declaration in comity_grammar::parse(&file.text).file.declarations {
                if let DeclarationKind::Model(model) = declaration.kind
                    && !leads_out(&model.file.value)
                {
                    paths.insert(self.model_path(FileId::at(position), &model.file.value));
                }
            }
        }
        paths
    }

    /// The identities of the folders of all its projects, its own first ([`Folder::identity`]).
    ///
    /// [`Folder::identity`]: super::Folder::identity
    pub fn identities(&self) -> impl Iterator<Item = &str> {
        self.packages.iter().map(|package| package.identity.as_str())
    }

    /// The file of a model that a policy file names.
    pub(crate) fn model(&self, named_in: FileId, path: &str) -> Result<&ModelFile, Unread> {
        if leads_out(path) {
            return Err(Unread::Outside);
        }
        match self.models.get(&self.model_path(named_in, path)) {
            Some(Ok(file)) => Ok(file),
            Some(Err(Unread::MissingAmong(files))) => {
                let folder = self.packages[self.package_of(named_in)].folder.as_str();
                let own = files.iter().filter_map(|file| file.strip_prefix(folder));
                Err(Unread::MissingAmong(own.map(|file| file.trim_start_matches('/').to_owned()).collect()))
            }
            Some(Err(unread)) => Err(unread.clone()),
            None => Err(Unread::Missing),
        }
    }

    /// From the folder of the project that names it to a path from the project's own.
    fn model_path(&self, named_in: FileId, path: &str) -> String {
        joined(&self.packages[self.package_of(named_in)].folder, path)
    }
}

/// Whether a path isn't below the folder at which it begins.
fn leads_out(path: &str) -> bool {
    let path = joined("", path);
    path.starts_with('/') || path.as_bytes().get(1) == Some(&b':') || path == ".." || path.starts_with("../")
}
