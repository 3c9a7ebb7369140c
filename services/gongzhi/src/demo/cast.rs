//! The people of the demo and the district they work in. Everybody is made up; the password is printed, because everything here is an example.

use anyhow::{Context, Result};
use gongzhi_proto::access::v1::Post;
use gongzhi_proto::dispatch::v1::{FinishSummonsRequest, ReportInRequest};
use gongzhi_proto::organization::v1 as pb;

use super::actor::{Actor, Stage};
use crate::seed::{self, Divisions};

/// Password of every account of the demo.
pub(crate) const PASSWORD: &str = "gongzhi-demo-2026";

/// The community of the story: 米市社区.
pub(crate) const MISHI: &str = "330105001052";

/// The people of the story.
pub(crate) struct Cast {
    pub(crate) grid_worker: Actor,
    pub(crate) community_worker: Actor,
    pub(crate) second_worker: Actor,
    pub(crate) secretary: Actor,
    pub(crate) duty_officer: Actor,
    pub(crate) fire: Actor,
    pub(crate) urban: Actor,
    pub(crate) housing: Actor,
    /// Code of 米市社区.
    pub(crate) mishi: String,
    /// A point in one of its grids: degrees east and north.
    pub(crate) place_in_mishi: (f64, f64),
}

impl Cast {
    /// Who answers for a department of the story.
    pub(crate) fn liaison(&self, department: &str) -> Option<&Actor> {
        match department {
            "fire-rescue" => Some(&self.fire),
            "urban-management" => Some(&self.urban),
            "housing" => Some(&self.housing),
            _ => None,
        }
    }

    /// A department comes and is done.
    pub(crate) async fn comes_and_finishes(&self, department: &str, whistle_id: &str) -> Result<()> {
        let mut liaison = self.liaison(department).context("nobody answers for the department")?.whistles();
        let (whistle_id, department_code) = (whistle_id.to_owned(), department.to_owned());
        let report_in =
            ReportInRequest { whistle_id: whistle_id.clone(), department_code: department_code.clone() };
        liaison.report_in(report_in).await?;
        let summary = "已到场处置(示例)".to_owned();
        liaison.finish_summons(FinishSummonsRequest { whistle_id, department_code, summary }).await?;
        Ok(())
    }
}

/// The places of the district, each with somebody who works there.
pub(crate) struct District {
    pub(crate) places: Vec<Place>,
}

impl District {
    /// The same people on the connection of another stage.
    pub(crate) fn over(&self, stage: &Stage) -> Self {
        let places = self.places.iter().map(|place| Place {
            officer: place.officer.over(stage),
            communities: place.communities.clone(),
        });
        Self { places: places.collect() }
    }
}

/// Communities of one sub-district.
pub(crate) struct Place {
    pub(crate) officer: Actor,
    pub(crate) communities: Vec<String>,
}

/// An account that the demo tells of: name, title, what it sees.
pub(crate) const ACCOUNTS: [(&str, &str, &str); 14] = [
    ("jiedao", "米市巷街道值守", "看板、吹哨、验收"),
    ("fenguan", "米市巷街道分管领导", "审批缓办、作废、撤回"),
    ("shequ", "米市社区工作者", "受理、三方协商、上报、核查"),
    ("shequ2", "米市社区工作者(二)", "复核录入、签字"),
    ("shuji", "米市社区书记", "议题、议程、表决、决议"),
    ("wangge", "米市社区网格员", "上报、回访"),
    ("xiaofang", "区消防救援大队联络员", "签收、报到、办结"),
    ("chengguan", "区城市管理局联络员", "签收、报到、办结"),
    ("zhujian", "区住房和城乡建设局联络员", "签收、报到、办结"),
    ("xiaofang-xt", "区消防救援大队业务系统", "订阅、接收、发布"),
    ("chengguan-xt", "区城市管理局业务系统", "订阅、接收、发布"),
    ("zhujian-xt", "区住房和城乡建设局业务系统", "订阅、接收、发布"),
    ("zhongcai", "区级仲裁员", "裁决退回、全区看板"),
    ("jiandu", "区监督员", "只读,核查联系方式的查看记录"),
];

/// Post, area and department of an account of [`ACCOUNTS`].
fn held(account: &str, district: &str) -> Option<pb::HeldPost> {
    let (post, area, department) = match account {
        "jiedao" => (Post::SubDistrictDutyOfficer, "330105001", ""),
        "fenguan" => (Post::SubDistrictLeader, "330105001", ""),
        "shequ" | "shequ2" => (Post::CommunityWorker, MISHI, ""),
        "shuji" => (Post::CommunitySecretary, MISHI, ""),
        "wangge" => (Post::GridWorker, MISHI, ""),
        "xiaofang" => (Post::DepartmentLiaison, district, "fire-rescue"),
        "chengguan" => (Post::DepartmentLiaison, district, "urban-management"),
        "zhujian" => (Post::DepartmentLiaison, district, "housing"),
        "xiaofang-xt" => (Post::DepartmentSystem, district, "fire-rescue"),
        "chengguan-xt" => (Post::DepartmentSystem, district, "urban-management"),
        "zhujian-xt" => (Post::DepartmentSystem, district, "housing"),
        "zhongcai" => (Post::DistrictArbiter, district, ""),
        "jiandu" => (Post::Auditor, district, ""),
        _ => return None,
    };
    Some(pb::HeldPost { post: post as i32, area_code: area.into(), department_code: department.into() })
}

/// Appoints everybody and signs in those who act in the story.
pub(crate) async fn appoint(
    stage: &Stage,
    operator: &Actor,
    district: &str,
    place_in_mishi: (f64, f64),
) -> Result<Cast> {
    for (account, title, _) in ACCOUNTS {
        let post = held(account, district).with_context(|| format!("{account} holds no post"))?;
        seed::appoint(operator, account, title, PASSWORD, vec![post]).await?;
    }
    let sign_in = |account: &'static str| Actor::sign_in(stage, account, PASSWORD);
    Ok(Cast {
        grid_worker: sign_in("wangge").await?,
        community_worker: sign_in("shequ").await?,
        second_worker: sign_in("shequ2").await?,
        secretary: sign_in("shuji").await?,
        duty_officer: sign_in("jiedao").await?,
        fire: sign_in("xiaofang").await?,
        urban: sign_in("chengguan").await?,
        housing: sign_in("zhujian").await?,
        mishi: MISHI.into(),
        place_in_mishi,
    })
}

/// Communities of one account: a person holds at most ten posts.
const COMMUNITIES_OF_ONE: usize = 9;

/// Accounts for the background: each is duty officer of a sub-district and community worker in up to nine of its communities, so that together they
/// work in every community.
pub(crate) async fn populate(stage: &Stage, operator: &Actor, divisions: &Divisions) -> Result<District> {
    let mut places = Vec::new();
    for sub_district in &divisions.sub_districts {
        for (nth, communities) in (1..).zip(sub_district.communities.chunks(COMMUNITIES_OF_ONE)) {
            let held = |post: Post, code: &str| pb::HeldPost {
                post: post as i32,
                area_code: code.into(),
                department_code: String::new(),
            };
            let officer = held(Post::SubDistrictDutyOfficer, &sub_district.code);
            let posts = std::iter::once(officer)
                .chain(communities.iter().map(|code| held(Post::CommunityWorker, code)))
                .collect();
            let account = format!("jd-{}-{nth}", &sub_district.code[6..]);
            seed::appoint(operator, &account, &format!("{}值守", sub_district.name), PASSWORD, posts).await?;
            places.push(Place {
                officer: Actor::sign_in(stage, &account, PASSWORD).await?,
                communities: communities.to_vec(),
            });
        }
    }
    Ok(District { places })
}
