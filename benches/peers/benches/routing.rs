//! Matchit: the catalogue's templates in its tree, and nothing else.

use matchit::Router;
use portcullis::path::CatalogueEntry;

use crate::stream::Stream;

/// A router of the policy's templates, its paths checked against ours.
///
/// # Panics
///
/// If a path of the stream leads elsewhere than in the engine.
pub fn router(stream: &Stream) -> Router<usize> {
    let engine = &stream.world.engine;
    let (base, entries) = (engine.policy().base_path(), engine.policy().endpoints());
    let mut router = Router::new();
    for (number, entry) in entries.iter().enumerate() {
        let route = format!("{base}{}", entry.template());
        router
            .insert(route, number)
            .expect("templates do not conflict");
    }
    for asked in &stream.asked {
        let ours = engine.entry(engine.endpoint("GET", &asked.path));
        let theirs = router
            .at(&asked.path)
            .ok()
            .and_then(|found| entries.get(*found.value));
        let (ours, theirs) = (
            ours.map(CatalogueEntry::template),
            theirs.map(CatalogueEntry::template),
        );
        assert_eq!(ours, theirs, "the route of {}", asked.path);
    }
    router
}
