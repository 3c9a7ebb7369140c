//! Categories (事项类别): what cases are about, in three levels. Data: a district may load its own list.
//!
//! Proposes categories for a description by the words it holds. Knows nothing of single cases.

use std::collections::BTreeMap;
use std::io::Read;

use gongzhi_proto::ids::{CategoryCode, DepartmentCode};
use serde::Deserialize;

use crate::calendar::WorkingTime;
use crate::table::{BadTable, TableReader};

const OFFICIAL: &str = include_str!("../data/categories.csv");
/// So many categories are proposed at most.
const PROPOSALS: usize = 3;

/// A category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Three words joined by dots.
    pub code: CategoryCode,
    /// Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: String,
    /// Within which working time a case must be answered.
    pub answer_within: WorkingTime,
    /// Departments that usually handle it, the first one most.
    pub departments: Vec<DepartmentCode>,
    keywords: Vec<String>,
}

impl Category {
    /// Working hours within which a case must be answered.
    pub fn answer_working_hours(&self) -> u32 {
        u32::try_from(self.answer_within.as_seconds() / 3600).unwrap_or(u32::MAX)
    }
}

/// The list of categories, in the order of their codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Categories(BTreeMap<CategoryCode, Category>);

#[derive(Deserialize)]
struct Row {
    category_code: CategoryCode,
    title_zh: String,
    title_en: String,
    answer_working_hours: u32,
    departments: String,
    keywords: String,
}

impl Categories {
    /// The categories that come with the program.
    pub fn official() -> Self {
        Self::from_csv(OFFICIAL.as_bytes()).expect("the embedded categories are read by a test")
    }

    /// Reads categories (columns as in the embedded file), or names every bad line.
    pub fn from_csv(source: impl Read) -> Result<Self, BadTable> {
        let mut reader = TableReader::new("categories");
        let mut categories = BTreeMap::new();
        reader.read(source, |row: Row| {
            let category = row.category()?;
            match categories.insert(category.code.clone(), category) {
                None => Ok(()),
                Some(before) => Err(format!("{} is listed twice", before.code)),
            }
        });
        if categories.is_empty() {
            reader.refuse(0, "no category is listed".to_owned());
        }
        reader.finish(Self(categories))
    }

    /// The category of a code.
    pub fn get(&self, code: &CategoryCode) -> Option<&Category> {
        self.0.get(code)
    }

    /// Every category, in the order of their codes.
    pub fn iter(&self) -> impl Iterator<Item = &Category> {
        self.0.values()
    }

    /// Proposes categories for a description, best first, at most three. Each keyword found counts as many points as it has letters, so
    /// that the more exact word wins; equal points are ordered by code.
    pub fn propose(&self, description: &str) -> Vec<&Category> {
        let text = description.to_lowercase();
        let points = |category: &Category| -> usize {
            let found = category.keywords.iter().filter(|word| text.contains(word.as_str()));
            // A Chinese character says about as much as two Latin letters.
            found
                .map(|word| word.chars().map(|letter| if letter.is_ascii() { 1 } else { 2 }).sum::<usize>())
                .sum()
        };
        let mut scored: Vec<_> = self.iter().map(|category| (points(category), category)).collect();
        scored.retain(|(points, _)| *points > 0);
        scored.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.code.cmp(&b.1.code)));
        scored.into_iter().take(PROPOSALS).map(|(_, category)| category).collect()
    }
}

impl Row {
    fn category(self) -> Result<Category, String> {
        if self.category_code.as_str().split('.').count() != 3 {
            return Err(format!("{} does not have three levels", self.category_code));
        }
        if self.title_zh.is_empty() || self.title_en.is_empty() {
            return Err(format!("{} needs both titles", self.category_code));
        }
        if !(1..=720).contains(&self.answer_working_hours) {
            return Err(format!("{} working hours are not a limit", self.answer_working_hours));
        }
        let departments = self.departments.split_whitespace().map(DepartmentCode::parse);
        let departments = departments.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
        let keywords: Vec<String> = self.keywords.split('|').map(|word| word.trim().to_lowercase()).collect();
        if departments.is_empty() || keywords.iter().any(String::is_empty) {
            return Err(format!("{} needs departments and keywords", self.category_code));
        }
        Ok(Category {
            code: self.category_code,
            title_zh: self.title_zh,
            title_en: self.title_en,
            answer_within: WorkingTime::hours(u64::from(self.answer_working_hours)),
            departments,
            keywords,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposed(description: &str) -> String {
        let categories = Categories::official();
        let codes: Vec<_> = categories
            .propose(description)
            .into_iter()
            .map(|category| category.code.as_str().to_owned())
            .collect();
        codes.join(" ")
    }

    #[test]
    fn the_list_has_some_thirty_categories_of_known_departments() {
        let known = [
            "civil-affairs",
            "comprehensive-enforcement",
            "ecology",
            "emergency-management",
            "fire-rescue",
            "health",
            "housing",
            "investment-promotion",
            "market-regulation",
            "public-security",
            "urban-management",
            "utilities",
        ];
        let categories = Categories::official();
        assert_eq!(categories.iter().count(), 35);
        let mut used: Vec<_> = categories.iter().flat_map(|category| &category.departments).collect();
        used.sort();
        used.dedup();
        assert_eq!(used.iter().map(|code| code.as_str()).collect::<Vec<_>>(), known);
    }

    #[test]
    fn what_residents_say_finds_its_category() {
        for (description, best) in [
            ("小区门口的消防通道被几辆车堵住了，消防车进不来", "fire.lane.obstructed"),
            ("楼上邻居每天深夜装修，噪音扰民", "environment.noise.neighbourhood"),
            ("三单元电梯又停运了，老人下不了楼", "housing.elevator.fault"),
            ("有人从五楼拉飞线给电瓶车充电", "fire.ebike.charging"),
            ("顶楼天花板漏水好几个月", "housing.leak.roof"),
            ("路灯不亮，晚上走路看不见", "municipal.lamp.broken"),
            ("楼道里堆放杂物，走廊过不去人", "fire.stairwell.clutter"),
            ("There is an illegal building on the roof", "housing.building.illegal"),
        ] {
            assert_eq!(proposed(description).split(' ').next(), Some(best), "{description}");
        }
        assert_eq!(proposed("你好"), "");
    }

    #[test]
    fn proposals_are_at_most_three_and_always_the_same() {
        let all = "消防通道 停车 垃圾 噪声 电梯 漏水 物业 路灯";
        assert_eq!(proposed(all).split(' ').count(), 3);
        assert_eq!(proposed(all), proposed(all));
    }

    #[test]
    fn every_bad_line_is_named() {
        let bad = Categories::from_csv(
            "category_code,title_zh,title_en,answer_working_hours,departments,keywords\n\
             fire.lane,消防,Fire,8,fire-rescue,火\n\
             fire.lane.obstructed,消防,Fire,0,fire-rescue,火\n\
             Fire.lane.obstructed,消防,Fire,8,fire-rescue,火\n\
             fire.lane.obstructed,消防,Fire,8,,火\n"
                .as_bytes(),
        )
        .unwrap_err();
        assert_eq!(bad.lines.iter().map(|bad| bad.line).collect::<Vec<_>>(), [2, 3, 4, 5, 0], "{bad}");
    }
}
