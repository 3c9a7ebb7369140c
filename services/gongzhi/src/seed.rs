//! What a district starts with, for the demo and for measurements: its real divisions, departments, a first operator. The samples are carried in the
//! program; their origin is named in `deploy/samples/README.md`.

use anyhow::{Context as _, Result};
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::run::Context;
use gongzhi_organization::division::Unclear;
use gongzhi_organization::import::{self, Order, Run};
use gongzhi_organization::staff::{self, FirstAccount};
use gongzhi_proto::access::v1::Post;
use gongzhi_proto::organization::v1 as pb;

use crate::demo::actor::{Actor, Stage};
use crate::demo::cast::{self, District, PASSWORD};

/// The divisions of 拱墅区: 18 sub-districts and 178 communities.
pub(crate) const GONGSHU: &str = include_str!("../../../deploy/samples/gongshu_divisions.csv");
/// The estates and buildings of 米市社区.
pub(crate) const MISHI: &str = include_str!("../../../deploy/samples/mishi_estates.csv");
/// The polygon of 拱墅区.
pub(crate) const DISTRICT: &str = include_str!("../../../deploy/samples/gongshu_district.geojson");

/// Departments of a district: code, Chinese and English name.
pub(crate) const DEPARTMENTS: [(&str, &str, &str); 12] = [
    ("civil-affairs", "区民政局", "Civil Affairs Bureau"),
    ("comprehensive-enforcement", "区综合行政执法局", "Comprehensive Law Enforcement Bureau"),
    ("ecology", "生态环境分局", "Ecology and Environment Bureau"),
    ("emergency-management", "区应急管理局", "Emergency Management Bureau"),
    ("fire-rescue", "区消防救援大队", "Fire and Rescue Brigade"),
    ("health", "区卫生健康局", "Health Bureau"),
    ("housing", "区住房和城乡建设局", "Housing and Construction Bureau"),
    ("investment-promotion", "区投资促进局", "Investment Promotion Bureau"),
    ("market-regulation", "区市场监督管理局", "Market Regulation Bureau"),
    ("public-security", "公安分局", "Public Security Bureau"),
    ("urban-management", "区城市管理局", "Urban Management Bureau"),
    ("utilities", "区公用事业服务中心", "Utilities Centre"),
];

/// The sub-districts of the sample and their communities.
pub(crate) struct Divisions {
    pub(crate) sub_districts: Vec<SubDistrict>,
}

/// A sub-district of the sample.
pub(crate) struct SubDistrict {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) communities: Vec<String>,
    pub(crate) community_names: Vec<String>,
}

impl Divisions {
    /// Reads the sample. Its form is checked by the import; here it is only walked.
    fn of_sample() -> Self {
        let rows = GONGSHU.lines().skip(1).filter_map(|line| {
            let mut cells = line.split(',');
            Some((cells.next()?, cells.nth(1)?, cells.next()?))
        });
        let mut sub_districts: Vec<SubDistrict> = Vec::new();
        for (code, name, level) in rows {
            match (level, sub_districts.last_mut()) {
                ("subdistrict", _) => sub_districts.push(SubDistrict {
                    code: code[..9].into(),
                    name: name.into(),
                    communities: Vec::new(),
                    community_names: Vec::new(),
                }),
                ("community", Some(last)) => {
                    last.communities.push(code.into());
                    last.community_names.push(name.into());
                }
                _ => {}
            }
        }
        Self { sub_districts }
    }

    /// How many communities there are.
    pub(crate) fn communities(&self) -> usize {
        self.sub_districts.iter().map(|place| place.communities.len()).sum()
    }
}

/// Imports the divisions of the sample.
pub(crate) async fn divisions(context: &Context) -> Result<Divisions> {
    let writer = context.writer(gongzhi_organization::NAME).await?;
    for (name, file) in [("gongshu_divisions.csv", GONGSHU), ("mishi_estates.csv", MISHI)] {
        let order =
            Order { district: context.bus.district().clone(), run: Run::Real, unclear: Unclear::Refuse };
        let admission = Admission::system(gongzhi_organization::NAME, format!("seed:{name}"));
        import::divisions(&writer, &admission, file.as_bytes(), &order, |_| {})
            .await
            .with_context(|| format!("the sample {name} cannot be imported"))?;
    }
    Ok(Divisions::of_sample())
}

/// Appoints the first operator and signs in.
pub(crate) async fn operator(context: &Context, stage: &Stage) -> Result<Actor> {
    let post = pb::HeldPost {
        post: Post::PlatformOperator as i32,
        area_code: context.bus.district().to_string(),
        department_code: String::new(),
    };
    let writer = context.writer(gongzhi_organization::NAME).await?;
    let first = FirstAccount {
        account: "pingtai".into(),
        display_name: "区平台管理员".into(),
        password: PASSWORD.into(),
        posts: vec![post],
    };
    staff::appoint_as_system(&writer, context.bus.district(), first).await?;
    Actor::sign_in(stage, "pingtai", PASSWORD).await
}

/// Registers the departments of the district.
pub(crate) async fn departments(operator: &Actor, district: &str) -> Result<()> {
    for (code, name_zh, name_en) in DEPARTMENTS {
        let request = pb::RegisterDepartmentRequest {
            department_code: code.into(),
            name_zh: name_zh.into(),
            name_en: name_en.into(),
            area_code: district.into(),
        };
        operator
            .departments()
            .register_department(request)
            .await
            .with_context(|| format!("department {code}"))?;
    }
    Ok(())
}

/// Appoints somebody.
pub(crate) async fn appoint(
    operator: &Actor,
    account: &str,
    display_name: &str,
    password: &str,
    posts: Vec<pb::HeldPost>,
) -> Result<()> {
    let request = pb::AppointStaffRequest {
        account: account.into(),
        display_name: display_name.into(),
        password: password.into(),
        posts,
    };
    operator
        .staff()
        .appoint_staff(request)
        .await
        .with_context(|| format!("{account} cannot be appointed"))?;
    Ok(())
}

/// People who may work in every community of the district: the clients of a measurement.
pub(crate) async fn people(context: &Context, stage: &Stage, divisions: &Divisions) -> Result<District> {
    let operator = operator(context, stage).await?;
    cast::populate(stage, &operator, divisions).await
}
