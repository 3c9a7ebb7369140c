//! The pages of the samples: what a reader is told to type and what a reader is told to expect, taken out as they stand, so that no page can say
//! something else than what is run here.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use gongzhi_proto::json;
use prost::{Message, Name};
use serde_json::Value;

/// A page, cut at its code blocks.
pub struct Page {
    blocks: Vec<Block>,
}

/// A block of code.
pub struct Block {
    /// The word behind the fence: `sh`, `json`, `text`.
    pub language: String,
    /// What stands in it.
    pub text: String,
}

impl Page {
    /// Reads a page.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let blocks = text.split("```").skip(1).step_by(2).filter_map(|block| block.split_once('\n'));
        let block = |(language, text): (&str, &str)| Block { language: language.into(), text: text.into() };
        Ok(Self { blocks: blocks.map(block).collect() })
    }

    /// The blocks in their order.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The blocks of a language.
    pub fn of(&self, language: &str) -> impl Iterator<Item = &str> {
        let language = language.to_owned();
        self.blocks.iter().filter(move |block| block.language == language).map(|block| block.text.as_str())
    }

    /// The one line to type that names a word.
    pub fn command(&self, word: &str) -> Result<&str> {
        let mut lines = self.of("sh").flat_map(str::lines).filter(|line| line.contains(word));
        lines.next().with_context(|| format!("the page does not say how to run {word}"))
    }

    /// The lines of one of the blocks that say what is seen.
    pub fn seen(&self, nth: usize) -> Result<Vec<String>> {
        let block = self.of("text").nth(nth).context("the page does not say what is seen")?;
        Ok(block.lines().map(ToOwned::to_owned).collect())
    }

    /// The request that the page sends to an rpc.
    pub fn request<M: Message + Name + Default>(&self, rpc: &str) -> Result<M> {
        let called = format!("/{rpc} <<'END'\n");
        let found = self.of("sh").find_map(|block| block.split_once(&called)?.1.split_once("\nEND"));
        let (request, _) = found.with_context(|| format!("the page does not call {rpc}"))?;
        let read: M = json::from_json(request).map_err(|invalid| anyhow::anyhow!("{rpc}: {invalid}"))?;
        // A field with a wrong name would have been passed over.
        let again: Value = serde_json::from_str(&json::to_json(&read))?;
        ensure!(again == serde_json::from_str::<Value>(request)?, "{rpc} is read as {again}");
        Ok(read)
    }
}
