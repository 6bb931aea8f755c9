//! Everything that this program logs, with the spans around each line.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{LazyLock, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

pub(crate) type Fields = BTreeMap<&'static str, String>;

/// One line of the log.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) level: Level,
    pub(crate) fields: Fields,
    /// The spans around it, the outermost first, each with its name in the field `span`.
    pub(crate) spans: Vec<Fields>,
}

static LINES: Mutex<Vec<Line>> = Mutex::new(Vec::new());

/// Records what the whole program logs from now on, on every thread.
pub(crate) fn record() {
    static RECORDER: LazyLock<()> = LazyLock::new(|| {
        let subscriber = tracing_subscriber::registry().with(Recorder);
        tracing::subscriber::set_global_default(subscriber).expect("nobody else sets one");
    });
    LazyLock::force(&RECORDER);
}

/// The lines in which a field of the line, or of a span around it, has this value. Tests have ids of their own.
pub(crate) fn lines_of(value: &str) -> Vec<Line> {
    let lines = LINES.lock().unwrap();
    let has = |fields: &Fields| fields.values().any(|it| it == value);
    let lines = lines.iter();
    let lines = lines.filter(|line| has(&line.fields) || line.spans.iter().any(has));
    lines.cloned().collect()
}

/// The level and the text of each line above `DEBUG`.
pub(crate) fn texts_of(value: &str) -> Vec<String> {
    let mut lines = lines_of(value);
    lines.retain(|line| line.level < Level::DEBUG);
    let text = |line: &Line| format!("{} {}", line.level, line.fields["message"]);
    lines.iter().map(text).collect()
}

struct Recorder;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).expect("it is there");
        let mut fields = Visited::default();
        fields.0.insert("span", span.name().to_owned());
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Visited::default();
        event.record(&mut fields);
        let spans = context.event_scope(event).into_iter().flatten();
        let spans = spans.collect::<Vec<_>>().into_iter().rev();
        let spans = spans.filter_map(|span| Some(span.extensions().get::<Visited>()?.0.clone()));
        LINES.lock().unwrap().push(Line {
            level: *event.metadata().level(),
            fields: fields.0,
            spans: spans.collect(),
        });
    }
}

#[derive(Default)]
struct Visited(Fields);

impl Visit for Visited {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}
