//! A browser, driven by its WebDriver.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use base64ct::{Base64, Encoding};
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use serde_json::{Value, json};

/// The folder for reports, screenshots and PDFs.
pub fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Makes a report with the tool, which `.ci/browser` has built.
pub fn report(name: &str, arguments: &[&str]) -> PathBuf {
    let file = folder().join(name);
    let tool = std::env::var_os("PORTCULLIS").expect("PORTCULLIS is the tool; run .ci/browser");
    let mut command = Command::new(tool);
    command.args(["report", "--now", "1764000000", "--overwrite", "-o"]);
    let status = command
        .arg(&file)
        .args(arguments)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    file
}

/// A browser with a profile of its own. It ends with its driver.
pub struct Browser {
    driver: Child,
    profile: PathBuf,
    pub client: Client,
}

/// A command of one browser's own protocol.
#[derive(Debug)]
struct Own(Value);

impl WebDriverCompatibleCommand for Own {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.0.to_string()))
    }
}

/// Reads what was written to the console.
#[derive(Debug)]
struct Log;

impl WebDriverCompatibleCommand for Log {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (
            http::Method::POST,
            Some(json!({ "type": "browser" }).to_string()),
        )
    }
}

impl Browser {
    pub async fn start(name: &str) -> Self {
        let profile =
            std::env::temp_dir().join(format!("portcullis-browser-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&profile).unwrap();
        let mut driver = Command::new("chromedriver");
        let mut driver = driver
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines
            .map_while(Result::ok)
            .find_map(|line| {
                line.split_once("successfully on port ")
                    .map(|(_, port)| port.trim_end_matches('.').to_owned())
            })
            .expect("chromedriver names its port");
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
        ];
        let profile_argument = format!("--user-data-dir={}", profile.display());
        let arguments: Vec<&str> = arguments
            .into_iter()
            .chain([profile_argument.as_str()])
            .collect();
        let capabilities = json!({
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let connector = hyper_util::client::legacy::connect::HttpConnector::new();
        let mut builder = ClientBuilder::new(connector);
        builder.capabilities(capabilities.as_object().unwrap().clone());
        let client = builder
            .connect(&format!("http://localhost:{port}"))
            .await
            .unwrap();
        Self {
            driver,
            profile,
            client,
        }
    }

    /// Opens a file, perhaps at an anchor.
    pub async fn open(&self, file: &Path, anchor: &str) {
        self.client
            .goto(&format!("file://{}{anchor}", file.display()))
            .await
            .unwrap();
    }

    pub async fn own(&self, command: &str, parameters: Value) -> Value {
        let command = Own(json!({ "cmd": command, "params": parameters }));
        self.client.issue_cmd(command).await.unwrap()
    }

    pub async fn resize(&self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.own("Emulation.setDeviceMetricsOverride", size).await;
    }

    pub async fn dark(&self, is_dark: bool) {
        let value = if is_dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.own("Emulation.setEmulatedMedia", media).await;
    }

    pub async fn scripts(&self, are_on: bool) {
        self.own(
            "Emulation.setScriptExecutionDisabled",
            json!({ "value": !are_on }),
        )
        .await;
    }

    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// What was written to the console since the last call.
    pub async fn console(&self) -> Vec<String> {
        let log = self.client.issue_cmd(Log).await.unwrap();
        let lines = log.as_array().unwrap().iter();
        lines
            .map(|line| line["message"].as_str().unwrap().to_owned())
            .collect()
    }

    pub async fn screenshot(&self, name: &str) {
        std::fs::write(folder().join(name), self.client.screenshot().await.unwrap()).unwrap();
    }

    pub async fn pdf(&self, name: &str) -> PathBuf {
        let printed = self
            .own(
                "Page.printToPDF",
                json!({ "preferCSSPageSize": true, "printBackground": true }),
            )
            .await;
        let file = folder().join(name);
        let bytes = Base64::decode_vec(printed["data"].as_str().unwrap()).unwrap();
        std::fs::write(&file, bytes).unwrap();
        file
    }

    pub async fn end(mut self) {
        self.client.clone().close().await.unwrap();
        self.driver.kill().unwrap();
        self.driver.wait().unwrap();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}
