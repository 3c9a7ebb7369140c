//! The contract's words for people on duty, and ours. What the contract says of a post is checked here: the level of its area, and whether it is held
//! for a department. Knows no SQL and asks nobody.

use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::access::post_options;
use gongzhi_proto::access::v1::Post;
use gongzhi_proto::ids::{AreaCode, DepartmentCode, StaffId};
use gongzhi_proto::organization::v1 as pb;

use super::machine::{HeldPost, MAX_POSTS, Staff};

/// People on a page for which no size is asked, and most of them.
const PAGE: (i64, i64) = (100, 500);

/// What an account looks like, in words.
const ACCOUNT: &str = "must have 3 to 40 lower-case letters, digits, dots and hyphens";

/// Reads an appointment; the password stays in the request.
pub(super) fn appoint(request: &pb::AppointStaffRequest, served: &AreaCode) -> Result<Staff, Failure> {
    let mut violations = Violations::new();
    if !is_account(&request.account) {
        violations.add("account", ACCOUNT);
    }
    let display_name = violations.text("display_name", &request.display_name, 1, 40);
    let length = request.password.chars().count();
    if length > 0 && !(10..=200).contains(&length) {
        violations.add("password", "must have 10 to 200 characters, or be empty for another issuer");
    }
    if request.posts.is_empty() || request.posts.len() > MAX_POSTS {
        violations.add("posts", format!("must be 1 to {MAX_POSTS} posts"));
    }
    let mut posts = Vec::new();
    // Posts beyond the limit are not looked at: the answer must not grow with the request.
    for (at, given) in request.posts.iter().take(MAX_POSTS).enumerate() {
        let Some(held) = held(&mut violations, &format!("posts[{at}]"), given, served) else { continue };
        if posts.contains(&held) {
            violations.add(format!("posts[{at}]"), "must not be stated twice");
        }
        posts.push(held);
    }
    violations.finish()?;
    Ok(Staff { account: request.account.clone(), display_name, district: served.clone(), posts })
}

/// Reads whose post changes, and which.
pub(super) fn change(
    staff_id: &str,
    post: Option<&pb::HeldPost>,
    served: &AreaCode,
) -> Result<(StaffId, HeldPost), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("staff_id", staff_id, StaffId::parse);
    let held = match post {
        Some(post) => held(&mut violations, "post", post, served),
        None => {
            violations.add("post", "is required");
            None
        }
    };
    violations.open(id.zip(held))
}

pub(super) fn list(request: &pb::ListStaffRequest) -> Result<(AreaCode, Page), Failure> {
    let mut violations = Violations::new();
    let area = violations.id("area_code", &request.area_code, AreaCode::parse);
    let page = Page::parse(&mut violations, request.page_size, &request.page_token, PAGE.0, PAGE.1);
    violations.open(area.map(|area| (area, page)))
}

/// True for a text that can be an account.
pub(crate) fn is_account(text: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    (3..=40).contains(&text.len()) && text.bytes().all(allowed)
}

/// Reads a post and checks it against what the contract says of it.
fn held(
    violations: &mut Violations,
    field: &str,
    given: &pb::HeldPost,
    served: &AreaCode,
) -> Option<HeldPost> {
    let post = violations.choice::<Post>(&format!("{field}.post"), given.post);
    let area_field = format!("{field}.area_code");
    let area = violations.id(&area_field, &given.area_code, AreaCode::parse);
    let department_field = format!("{field}.department_code");
    let department = match given.department_code.as_str() {
        "" => None,
        code => Some(violations.id(&department_field, code, DepartmentCode::parse)?),
    };
    let (post, area) = post.zip(area)?;
    let options = post_options(post).unwrap_or_default();
    let word = post.as_str_name();
    if area.level().as_str() != options.level {
        violations.add(&area_field, format!("must be a {} for {word}", options.level.replace('_', "-")));
    } else if !served.contains(&area) {
        violations.add(&area_field, format!("must lie in {served}, the district that is served here"));
    }
    match (options.for_department, &department) {
        (true, None) => violations.add(&department_field, format!("is required for {word}")),
        (false, Some(_)) => violations.add(&department_field, format!("must be empty for {word}")),
        (true, Some(_)) | (false, None) => {}
    }
    Some(HeldPost { post: word.to_owned(), area, department })
}

pub(crate) fn staff(id: StaffId, staff: Staff) -> pb::Staff {
    let posts = staff.posts.into_iter().map(held_post).collect();
    pb::Staff { staff_id: id.to_string(), account: staff.account, display_name: staff.display_name, posts }
}

fn held_post(held: HeldPost) -> pb::HeldPost {
    pb::HeldPost {
        post: Post::from_str_name(&held.post).unwrap_or_default().into(),
        area_code: held.area.to_string(),
        department_code: held.department.map(String::from).unwrap_or_default(),
    }
}
