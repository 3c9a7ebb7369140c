//! What a board shows of the facts that were told.

use anyhow::Result;
use gongzhi_proto::dispatch::v1::{self as facts, ClockKind};
use gongzhi_proto::organization::v1::{DivisionAbolished, DivisionRecoded};
use gongzhi_proto::reporting::v1::GetBoardRequest;
use jiff::SignedDuration;

use crate::town::{Town, client, counts, of, rate};

const LANE: &str = "fire.lane.obstructed";
const CALLED: [&str; 3] = ["fire-rescue", "housing", "urban-management"];

#[tokio::test(flavor = "multi_thread")]
async fn a_board_of_a_sub_district_shows_its_communities_and_nothing_else() -> Result<()> {
    let mut town = Town::served().await?;
    town.tell([
        town.listed("001", "米市巷街道"),
        town.listed("001052", "米市社区"),
        town.listed("001051", "夹城巷社区"),
        town.listed("002051", "卖鱼桥社区"),
        town.registered("001052003", "one", LANE),
        town.registered("001052", "two", "noise.night"),
        town.registered("002051", "elsewhere", LANE),
        town.accepted("001052003", "one", false),
        town.settled("001052003", "one", 1),
    ])
    .await?;
    town.heard().await?;
    let officer = town.bench.person("POST_SUB_DISTRICT_DUTY_OFFICER", &town.bench.area("001"));
    let board = town.board(&officer, "001").await?;
    let totals = board.totals.as_ref().unwrap();
    assert_eq!((totals.name.as_str(), counts(totals)), ("米市巷街道", [2, 1, 0, 1, 0, 0, 0]));
    let rows: Vec<_> = board.areas.iter().map(|row| (row.name.as_str(), counts(row))).collect();
    assert_eq!(
        rows,
        [("夹城巷社区", [0; 7]), ("米市社区", [2, 1, 0, 1, 0, 0, 0])],
        "in the order of codes, those without cases too"
    );
    assert_eq!(counts(of(&board.categories, LANE)), [1, 0, 0, 1, 0, 0, 0]);
    assert_eq!(board.days.len(), 30);
    assert_eq!((board.days[29].key.as_str(), board.days[29].registered), ("2026-11-23", 2));
    assert_eq!(board.days.iter().map(|day| day.registered).sum::<i64>(), 2);
    let facts: Vec<_> = board.happenings.iter().map(|happening| happening.fact.as_str()).collect();
    assert_eq!(facts, ["case_settled", "case_accepted", "case_registered", "case_registered"]);
    assert_eq!(board.happenings[0].case_id, Town::id("one"));
    assert_eq!(board.attention.len(), 1);
    assert_eq!(
        (board.attention[0].phase.as_str(), board.attention[0].due_at),
        ("registered", Town::due(120))
    );
    assert_eq!((board.stream_sequence, board.as_of), (9, Town::due(8)));

    // The same cases add up from the community to the district.
    let all = town.officer_of_all();
    let community = town.board(&all, "001052").await?;
    assert_eq!(counts(community.totals.as_ref().unwrap()), [2, 1, 0, 1, 0, 0, 0]);
    assert!(community.areas.is_empty());
    let district = town.board(&all, "").await?;
    assert_eq!(counts(district.totals.as_ref().unwrap()), [3, 2, 0, 1, 0, 0, 0]);
    let keys: Vec<_> = district.areas.iter().map(|row| row.registered).collect();
    assert_eq!(keys, [2, 1]);

    // A duty officer of one sub-district does not see another one, nor the district.
    for area in ["002", "002051", ""] {
        let request = GetBoardRequest { area_code: town.bench.area(area).to_string() };
        let refusal = client(&officer).get_board(request.clone()).await.unwrap_err();
        assert_eq!(refusal.code(), tonic::Code::PermissionDenied, "{area}");
    }
    let request = GetBoardRequest { area_code: town.bench.area("001052003").to_string() };
    let refusal = client(&officer).get_board(request).await.unwrap_err();
    assert_eq!(refusal.code(), tonic::Code::InvalidArgument, "an estate has no board");
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn rates_show_their_parts_and_no_value_under_ten() -> Result<()> {
    let mut town = Town::served().await?;
    // Ten cases in one community: eight accepted in time, one late after its limit came, one not accepted and its limit came; one more is not due yet.
    let mut said = Vec::new();
    for nth in 0..11 {
        said.push(town.registered("001052", &format!("c{nth}"), LANE));
    }
    for nth in 0..8 {
        said.push(town.accepted("001052", &format!("c{nth}"), false));
    }
    said.push(town.overdue("001052", "c8", ClockKind::Accept));
    said.push(town.accepted("001052", "c8", true));
    said.push(town.overdue("001052", "c9", ClockKind::Accept));
    // Two of the accepted ones are voided later, one is settled.
    town.tell(said).await?;
    town.heard().await?;
    let all = town.officer_of_all();
    let totals = town.board(&all, "001052").await?.totals.unwrap();
    assert_eq!(counts(&totals), [11, 11, 1, 0, 0, 0, 0], "accepting starts a new clock");
    assert_eq!(rate(totals.response_rate.as_ref()), (8, 10, 0, Some(0.8)));
    assert_eq!(rate(totals.settlement_rate.as_ref()), (0, 9, 0, None));

    let said = vec![
        town.voided("001052", "c0"),
        town.settled("001052", "c1", 1),
        town.rated("001052", "c1", 1, "satisfied"),
        town.rated("001052", "c1", 2, "not_reached"),
        town.rated("001052", "c1", 3, "fairly_satisfied"),
        town.rated("001052", "c1", 4, "not_satisfied"),
        // Told twice: the second judgement of the same reporter replaces the first.
        town.rated("001052", "c1", 3, "satisfied"),
    ];
    town.tell(said).await?;
    town.heard().await?;
    let totals = town.board(&all, "001052").await?.totals.unwrap();
    assert_eq!(counts(&totals), [11, 9, 1, 1, 0, 1, 0]);
    assert_eq!(rate(totals.response_rate.as_ref()), (7, 9, 1, None), "voided left out, nine are too few");
    assert_eq!(rate(totals.settlement_rate.as_ref()), (1, 8, 1, None));
    assert_eq!(rate(totals.satisfaction_rate.as_ref()), (2, 3, 1, None));
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn overdue_ends_with_settling_and_a_reopened_case_leaves_the_settled_ones() -> Result<()> {
    let mut town = Town::served().await?;
    let all = town.officer_of_all();
    town.tell([
        town.registered("001052", "late", LANE),
        town.registered("001052", "fine", LANE),
        town.accepted("001052", "late", false),
        town.accepted("001052", "fine", false),
        town.overdue("001052", "late", ClockKind::Answer),
    ])
    .await?;
    town.heard().await?;
    let board = town.board(&all, "001052").await?;
    assert_eq!(counts(board.totals.as_ref().unwrap()), [2, 2, 1, 0, 0, 0, 0]);
    let first = &board.attention[0];
    assert_eq!((first.case_id.as_str(), first.overdue), (Town::id("late").as_str(), true));

    town.tell([town.settled("001052", "late", 1), town.settled("001052", "fine", 1)]).await?;
    town.heard().await?;
    let board = town.board(&all, "001052").await?;
    assert_eq!(counts(board.totals.as_ref().unwrap()), [2, 0, 0, 2, 0, 0, 0]);
    assert!(board.attention.is_empty());

    let closed = facts::CaseClosed { case_id: Town::id("fine"), round: 1 };
    town.tell([town.reopened("001052", "late"), town.say("001052", closed)]).await?;
    town.heard().await?;
    let board = town.board(&all, "001052").await?;
    assert_eq!(counts(board.totals.as_ref().unwrap()), [2, 1, 0, 1, 1, 0, 0]);
    assert_eq!(rate(board.totals.unwrap().settlement_rate.as_ref()), (1, 2, 0, None));

    // Settled again, it stands again.
    town.tell([town.settled("001052", "late", 2)]).await?;
    town.heard().await?;
    let totals = town.board(&all, "001052").await?.totals.unwrap();
    assert_eq!(counts(&totals), [2, 0, 0, 2, 1, 0, 0]);
    town.bench.stop().await
}

/// A case in 001052 with a whistle that calls three departments.
async fn lane_with_whistle() -> Result<Town> {
    let mut town = Town::served().await?;
    town.tell([town.registered("001052", "lane", LANE), town.accepted("001052", "lane", false)]).await?;
    town.tell(town.whistled("001052", "lane", "w", &CALLED)).await?;
    Ok(town)
}

/// A fact about one department under that whistle.
macro_rules! of_lane {
    ($fact:ident { department: $department:expr $(, $field:ident: $value:expr)* }) => {
        facts::$fact {
            whistle_id: Town::id("w"),
            case_id: Town::id("lane"),
            department_code: $department.to_string(),
            $($field: $value,)*
        }
    };
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whistle_counts_once_per_case_and_once_per_department() -> Result<()> {
    let mut town = lane_with_whistle().await?;
    let area = "001052";
    let supervised = of_lane!(DepartmentSupervised {
        department: "housing",
        clock: ClockKind::ReportIn.into(),
        due_at: Town::due(60)
    });
    town.tell([
        town.reported_in(area, "lane", "w", "fire-rescue", false),
        town.say(area, supervised),
        town.say(area, of_lane!(DepartmentExcused { department: "urban-management" })),
    ])
    .await?;
    town.heard().await?;
    let board = town.board(&town.officer_of_all(), area).await?;
    assert_eq!(counts(board.totals.as_ref().unwrap()), [1, 1, 0, 0, 0, 0, 1], "one case, one whistle");
    assert_eq!(board.attention[0].phase, "whistled");
    let keys: Vec<_> = board.departments.iter().map(|row| row.key.as_str()).collect();
    assert_eq!(keys, CALLED);
    let [fire, housing, urban] = &board.departments[..] else { panic!("three departments") };
    assert_eq!(counts(fire), [1, 1, 0, 0, 0, 0, 1]);
    assert_eq!(counts(housing), [1, 1, 1, 0, 0, 0, 1]);
    assert_eq!(counts(urban), [1, 0, 0, 0, 0, 1, 0]);
    assert_eq!(rate(fire.response_rate.as_ref()), (1, 1, 0, None));
    assert_eq!(rate(housing.response_rate.as_ref()), (0, 1, 0, None));

    // Housing comes late after all: it is overdue no longer, and not in time.
    town.tell([town.reported_in(area, "lane", "w", "housing", true)]).await?;
    town.heard().await?;
    let board = town.board(&town.officer_of_all(), area).await?;
    let housing = of(&board.departments, "housing");
    assert_eq!(counts(housing), [1, 1, 0, 0, 0, 0, 1]);
    assert_eq!(rate(housing.response_rate.as_ref()), (0, 1, 0, None));
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_department_is_done_when_its_part_stands_and_is_judged_by_the_cases_it_came_to() -> Result<()> {
    let mut town = lane_with_whistle().await?;
    let area = "001052";
    let finished = |department: &str| of_lane!(DepartmentFinished { department: department, late: false });
    let rework = of_lane!(ReworkOrdered { department: "fire-rescue", finish_due_at: Town::due(900) });
    town.tell([
        town.say(area, of_lane!(DepartmentExcused { department: "urban-management" })),
        town.reported_in(area, "lane", "w", "fire-rescue", false),
        town.reported_in(area, "lane", "w", "housing", false),
        town.say(area, finished("housing")),
        town.say(area, finished("fire-rescue")),
        town.say(area, rework),
    ])
    .await?;
    town.heard().await?;
    let board = town.board(&town.officer_of_all(), area).await?;
    assert_eq!(counts(of(&board.departments, "fire-rescue")), [1, 1, 0, 0, 0, 0, 1]);
    assert_eq!(counts(of(&board.departments, "housing")), [1, 0, 0, 1, 0, 0, 1]);

    let accepted =
        facts::ResultAccepted { whistle_id: Town::id("w"), case_id: Town::id("lane"), late: false };
    town.tell([
        town.say(area, finished("fire-rescue")),
        town.say(area, accepted),
        town.settled(area, "lane", 1),
        town.rated(area, "lane", 1, "satisfied"),
    ])
    .await?;
    town.heard().await?;
    let board = town.board(&town.officer_of_all(), area).await?;
    assert_eq!(counts(board.totals.as_ref().unwrap()), [1, 0, 0, 1, 0, 0, 0]);
    let fire = of(&board.departments, "fire-rescue");
    assert_eq!(counts(fire), [1, 0, 0, 1, 1, 0, 0]);
    assert_eq!(rate(fire.settlement_rate.as_ref()), (1, 1, 0, None));
    assert_eq!(rate(fire.satisfaction_rate.as_ref()), (1, 1, 0, None));
    let excused = of(&board.departments, "urban-management");
    assert_eq!(rate(excused.satisfaction_rate.as_ref()), (0, 0, 0, None), "it was not there");
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_whistle_closes_for_case_and_departments() -> Result<()> {
    let mut town = Town::served().await?;
    let area = "001052";
    town.tell([town.registered(area, "lane", LANE), town.accepted(area, "lane", false)]).await?;
    town.tell(town.whistled(area, "lane", "w", &["fire-rescue", "housing"])).await?;
    let withdrawn = |department: &str| {
        let fact = facts::WhistleWithdrawn {
            whistle_id: Town::id("w"),
            case_id: Town::id("lane"),
            department_code: department.into(),
        };
        town.say(area, fact)
    };
    town.tell([withdrawn("fire-rescue"), withdrawn("housing")]).await?;
    town.heard().await?;
    let board = town.board(&town.officer_of_all(), area).await?;
    assert_eq!(counts(board.totals.as_ref().unwrap()), [1, 1, 0, 0, 0, 0, 0]);
    assert_eq!(board.attention[0].phase, "handling");
    assert_eq!(counts(of(&board.departments, "housing")), [1, 0, 0, 0, 0, 1, 0]);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_follow_their_community_to_its_new_code() -> Result<()> {
    let mut town = Town::served().await?;
    let all = town.officer_of_all();
    let code = |town: &Town, area: &str| town.bench.area(area).to_string();
    town.tell([
        town.listed("001", "米市巷街道"),
        town.listed("001052", "米市社区"),
        town.listed("001053", "锦绣社区"),
        town.registered("001052003", "mishi", LANE),
        town.registered("001053", "jinxiu", LANE),
        town.registered("001099", "unlisted", LANE),
    ])
    .await?;
    // The sub-district gets a new code; each listed community gets its own fact, and one of them another number. 052 and 053 must not be mixed up.
    let recoded = |to: &str, from: &str, name: &str| {
        let (area_code, former_area_code) = (code(&town, to), code(&town, from));
        town.say(to, DivisionRecoded { area_code, former_area_code, name: name.into() })
    };
    let said = [
        recoded("019", "001", "新米市巷街道"),
        recoded("019053", "001052", "米市社区"),
        recoded("019001", "001053", "锦绣社区"),
    ];
    town.tell(said).await?;
    // Dispatch goes on under the code that the case was registered with, and registers one more under it.
    town.tell([
        town.accepted("001052003", "mishi", false),
        town.registered("001052004", "mishi two", LANE),
        town.say("019001", DivisionAbolished { area_code: code(&town, "019001") }),
    ])
    .await?;
    town.heard().await?;
    let board = town.board(&all, "019").await?;
    let rows: Vec<_> =
        board.areas.iter().map(|row| (row.key[9..].to_owned(), row.name.clone(), row.registered)).collect();
    let row = |key: &str, name: &str, registered| (key.to_owned(), name.to_owned(), registered);
    assert_eq!(
        rows,
        [row("001", "锦绣社区", 1), row("053", "米市社区", 2), row("099", "", 1)],
        "an abolished community stays while it has cases"
    );
    assert_eq!(board.totals.unwrap().name, "新米市巷街道");
    assert_eq!(board.happenings.len(), 5, "happenings go with their case");
    let district = town.board(&all, "").await?;
    assert_eq!(district.areas.len(), 1, "{:?}", district.areas);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_whose_registration_is_gone_from_the_stream_is_known_and_not_counted() -> Result<()> {
    let mut town = Town::served().await?;
    town.tell([
        town.accepted("001052", "old", false),
        town.reported_in("001052", "old", "old whistle", "housing", false),
        town.settled("001052", "old", 1),
        town.rated("001052", "old", 1, "satisfied"),
        town.registered("001052", "new", LANE),
    ])
    .await?;
    town.heard().await?;
    let board = town.board(&town.officer_of_all(), "001052").await?;
    let totals = board.totals.as_ref().unwrap();
    assert_eq!(counts(totals), [1, 1, 0, 0, 0, 0, 0]);
    assert_eq!(rate(totals.satisfaction_rate.as_ref()), (0, 0, 0, None));
    assert!(board.departments.is_empty());
    assert_eq!(board.happenings.len(), 5);
    let phase: String = sqlx::query_scalar("select phase from cases where registered_at is null")
        .fetch_one(&town.pool)
        .await?;
    assert_eq!(phase, "settled");
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn suspension_gives_an_overdue_case_a_new_limit_and_takes_it_from_the_list() -> Result<()> {
    let mut town = Town::served().await?;
    let all = town.officer_of_all();
    let (case_id, area) = (Town::id("slow"), "001052");
    let approved = facts::SuspensionApproved { case_id: case_id.clone(), until_at: Town::due(300) };
    town.tell([
        town.registered(area, "slow", LANE),
        town.accepted(area, "slow", false),
        town.overdue(area, "slow", ClockKind::Answer),
        town.say(area, facts::SuspensionRequested { case_id: case_id.clone() }),
        town.say(area, approved),
    ])
    .await?;
    town.heard().await?;
    let board = town.board(&all, area).await?;
    assert_eq!((board.totals.unwrap().overdue, board.attention.len()), (1, 0));
    town.later(SignedDuration::from_hours(5));
    let ended = facts::SuspensionEnded { case_id, answer_due_at: Town::due(2000) };
    town.tell([town.say(area, ended)]).await?;
    town.heard().await?;
    let board = town.board(&all, area).await?;
    assert_eq!((board.totals.unwrap().overdue, board.attention.len()), (0, 1));
    assert_eq!(board.attention[0].due_at, Town::due(2000));
    town.bench.stop().await
}
