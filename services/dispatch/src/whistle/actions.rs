//! What a person may do with a whistle now: what its state allows, cut down to what the person's posts allow. Told so that a page offers nothing that
//! would be refused; the machine decides all the same.

use gongzhi_chassis::execute::Aggregate;
use gongzhi_chassis::gate::Admission;
use gongzhi_proto::dispatch::v1 as pb;
use gongzhi_proto::ids::DepartmentCode;

use super::{CommandKind, Sheet, Whistle, allowed};

/// The actions of a caller.
pub(crate) fn of(admission: &Admission, whistle: &Whistle) -> Vec<pb::Action> {
    let scope = Sheet::scope(whistle);
    let mut actions = Vec::new();
    let mut offer = |kind: CommandKind, department: Option<&DepartmentCode>| {
        let Some(rpc) = kind.rpc() else { return };
        let acting = department.filter(|_| kind.is_of_department()).map(DepartmentCode::as_str);
        // Who acts for a department must hold a post for it; others have posts of the area.
        if admission.may_call(&format!("/gongzhi.dispatch.v1.WhistleService/{rpc}"), &scope, acting) {
            actions.push(pb::Action {
                rpc: rpc.into(),
                department_code: department.map(ToString::to_string).unwrap_or_default(),
            });
        }
    };
    for (kind, department) in allowed(whistle) {
        offer(kind, department.as_ref());
    }
    actions
}
