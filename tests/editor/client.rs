//! A client of the language server protocol, as small as the table needs it.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;
use std::{env, fs};

use serde_json::{Value, json};

/// The time after which a language server that does not answer is ended, so that its test fails.
const PATIENCE: Duration = Duration::from_secs(300);

/// A rust-analyzer with one file of a package open.
pub(crate) struct Client {
    server: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    uri: String,
    version: u32,
    requests: u64,
}

/// The rust-analyzer to ask, if there is one: a rustup without that component has a program of this name that fails.
///
/// `RUST_SRC_PATH` has to name the source of the standard library. Without it, rust-analyzer adds the component `rust-src`
/// to the toolchain, which changes the compile errors that `tests/ui` expects.
pub(crate) fn rust_analyzer() -> Option<String> {
    env::var_os("RUST_SRC_PATH")?;
    let program = env::var("EVENTFUL_RUST_ANALYZER").unwrap_or_else(|_| "rust-analyzer".to_owned());
    let version = Command::new(&program).arg("--version").output();
    version
        .is_ok_and(|output| output.status.success())
        .then_some(program)
}

impl Client {
    /// Starts `program` in the package `directory`, and waits until it has read the package.
    pub(crate) fn start(program: &str, directory: &Path) -> Self {
        let mut server = Command::new(program)
            .current_dir(directory)
            .env("CARGO_TARGET_DIR", directory.join("target"))
            .env("CARGO_NET_OFFLINE", "true")
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("rust-analyzer starts");
        let input = server.stdin.take().expect("the input is piped");
        let output = BufReader::new(server.stdout.take().expect("the output is piped"));
        let source = directory.join("src/lib.rs");
        let mut client = Self {
            server,
            input,
            output,
            uri: uri(&source),
            version: 0,
            requests: 0,
        };
        client.end_after(PATIENCE);
        client.initialize(directory);
        let text = fs::read_to_string(source).expect("the source can be read");
        let document =
            json!({ "uri": client.uri, "languageId": "rust", "version": 0, "text": text });
        client.notify("textDocument/didOpen", &json!({ "textDocument": document }));
        client.wait_until_read();
        client
    }

    fn initialize(&mut self, directory: &Path) {
        let capabilities = json!({
            "experimental": { "serverStatusNotification": true },
            "general": { "positionEncodings": ["utf-8"] },
            "textDocument": {
                "callHierarchy": {},
                "completion": { "completionItem": { "snippetSupport": false } },
                "definition": { "linkSupport": true },
                "diagnostic": {},
                "hover": { "contentFormat": ["markdown"] },
            },
            "workspace": { "workspaceFolders": true },
        });
        let uri = uri(directory);
        let parameters = json!({
            "processId": null,
            "rootUri": uri,
            "workspaceFolders": [{ "uri": uri, "name": "app" }],
            "capabilities": capabilities,
            "initializationOptions": { "checkOnSave": false, "cachePriming": { "enable": false } },
        });
        self.request("initialize", &parameters);
        self.notify("initialized", &json!({}));
    }

    fn wait_until_read(&mut self) {
        loop {
            let message = self.receive();
            if message["method"] == "experimental/serverStatus"
                && message["params"]["quiescent"] == true
            {
                assert_ne!(message["params"]["health"], "error", "{message}");
                return;
            }
        }
    }

    /// The document, as a parameter.
    pub(crate) fn document(&self) -> Value {
        json!({ "uri": self.uri })
    }

    /// Replaces the text of the file in the editor.
    pub(crate) fn change(&mut self, text: &str) {
        self.version += 1;
        let document = json!({ "uri": self.uri, "version": self.version });
        let changes = json!([{ "text": text }]);
        self.notify(
            "textDocument/didChange",
            &json!({ "textDocument": document, "contentChanges": changes }),
        );
    }

    /// Asks `method`, and waits for the result. A server that is not ready, or whose file has changed, is asked again.
    pub(crate) fn request(&mut self, method: &str, parameters: &Value) -> Value {
        loop {
            self.requests += 1;
            let id = self.requests;
            self.send(
                &json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters }),
            );
            let mut answer = loop {
                let message = self.receive();
                if message["id"] == id && message.get("method").is_none() {
                    break message;
                }
            };
            match answer.get("error").map(|error| &error["code"]) {
                None => return answer["result"].take(),
                Some(code) if code == -32801 || code == -32802 => {
                    thread::sleep(Duration::from_millis(20));
                }
                Some(_) => panic!("{method}: {answer}"),
            }
        }
    }

    fn notify(&mut self, method: &str, parameters: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": parameters }));
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len())
            .and_then(|()| self.input.flush())
            .expect("rust-analyzer reads");
    }

    /// The next message. Requests of the server are answered with nothing.
    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            let read = self.output.read_line(&mut line);
            assert!(
                read.is_ok_and(|length| length > 0),
                "rust-analyzer has ended"
            );
            match line.trim_end().split_once(": ") {
                Some(("Content-Length", value)) => {
                    length = value.parse().expect("the length is a number");
                }
                Some(_) => {}
                None => break,
            }
        }
        let mut text = vec![0; length];
        self.output
            .read_exact(&mut text)
            .expect("rust-analyzer writes");
        let message: Value = serde_json::from_slice(&text).expect("a message is JSON");
        if message.get("id").is_some() && message.get("method").is_some() {
            self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": null }));
        }
        message
    }

    /// Ends the server after `patience`, which ends the test that waits for it.
    fn end_after(&self, patience: Duration) {
        let id = self.server.id().to_string();
        thread::spawn(move || {
            thread::sleep(patience);
            let _ = Command::new("kill").arg(id).status();
        });
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}
