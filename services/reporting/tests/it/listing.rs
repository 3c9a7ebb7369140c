//! Lists of figures: dimensions, days, pages, and every field error at once.

use anyhow::Result;
use gongzhi_proto::reporting::v1::{Dimension, Figures, ListFiguresRequest};
use jiff::SignedDuration;
use tonic_types::StatusExt;

use crate::town::{Town, client, counts};

fn request(town: &Town, area: &str, dimension: Dimension) -> ListFiguresRequest {
    let area_code = town.bench.area(area).to_string();
    ListFiguresRequest { area_code, dimension: dimension.into(), ..Default::default() }
}

async fn list(town: &Town, request: ListFiguresRequest) -> Result<(Vec<Figures>, String)> {
    let answer = client(&town.officer_of_all()).list_figures(request).await?.into_inner();
    Ok((answer.figures, answer.next_page_token))
}

fn keys(figures: &[Figures]) -> Vec<(String, i64)> {
    figures.iter().map(|row| (row.key.clone(), row.registered)).collect()
}

async fn three_days() -> Result<Town> {
    let mut town = Town::served().await?;
    town.tell([
        town.listed("001051", "夹城巷社区"),
        town.registered("001052", "a", "fire.lane.obstructed"),
        town.registered("001052", "b", "noise.night"),
    ])
    .await?;
    town.tell(town.whistled("001052", "b", "w", &["housing", "urban-management"])).await?;
    town.later(SignedDuration::from_hours(24));
    town.tell([town.registered("002051", "c", "noise.night")]).await?;
    town.tell(town.whistled("002051", "c", "w2", &["housing"])).await?;
    // 23:58 and 00:03 in the city are one day in UTC and two in the city.
    town.later(SignedDuration::from_mins(14 * 60 + 52));
    town.tell([town.registered("001052", "d", "noise.night")]).await?;
    town.later(SignedDuration::from_mins(5));
    town.tell([town.registered("001052", "e", "noise.night")]).await?;
    town.heard().await?;
    Ok(town)
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_listed_by_every_dimension() -> Result<()> {
    let town = three_days().await?;
    let code = |below: &str| town.bench.area(below).to_string();
    let by = |dimension, area: &str| list(&town, request(&town, area, dimension));
    let (communities, _) = by(Dimension::Community, "").await?;
    assert_eq!(keys(&communities), [(code("001051"), 0), (code("001052"), 4), (code("002051"), 1)]);
    let (sub_districts, _) = by(Dimension::SubDistrict, "").await?;
    assert_eq!(keys(&sub_districts), [(code("001"), 4), (code("002"), 1)]);
    let (categories, _) = by(Dimension::Category, "001").await?;
    assert_eq!(keys(&categories), [("fire.lane.obstructed".into(), 1), ("noise.night".into(), 3)]);
    let (departments, _) = by(Dimension::Department, "").await?;
    assert_eq!(keys(&departments), [("housing".into(), 2), ("urban-management".into(), 1)]);
    let (days, _) = by(Dimension::Day, "").await?;
    let expected =
        [("2026-11-23", 2), ("2026-11-24", 2), ("2026-11-25", 1)].map(|(day, n)| (day.to_owned(), n));
    assert_eq!(keys(&days), expected, "days of the city, not of UTC");

    // Days limit every dimension.
    let limited = ListFiguresRequest {
        from_day: "2026-11-24".into(),
        to_day: "2026-11-24".into(),
        ..request(&town, "", Dimension::Department)
    };
    let (departments, _) = list(&town, limited).await?;
    assert_eq!(keys(&departments), [("housing".into(), 1)]);
    assert_eq!(counts(&departments[0]), [1, 1, 0, 0, 0, 0, 1]);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_without_gap_or_repeat() -> Result<()> {
    let town = three_days().await?;
    let mut seen = Vec::new();
    let mut asked = ListFiguresRequest { page_size: 1, ..request(&town, "", Dimension::Day) };
    loop {
        let (figures, next) = list(&town, asked.clone()).await?;
        assert_eq!(figures.len(), 1);
        seen.extend(keys(&figures));
        if next.is_empty() {
            break;
        }
        asked.page_token = next;
    }
    let (all, _) = list(&town, request(&town, "", Dimension::Day)).await?;
    assert_eq!(seen, keys(&all));
    assert_eq!(seen.len(), 3);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_error_is_told_at_once_and_foreign_areas_are_forbidden() -> Result<()> {
    let town = Town::served().await?;
    let refused = |request| {
        let person = town.officer_of_all();
        async move { client(&person).list_figures(request).await.unwrap_err() }
    };
    let fields = |status: &tonic::Status| -> Vec<String> {
        let violations = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
        violations.into_iter().map(|violation| violation.field).collect()
    };
    let wrong = refused(ListFiguresRequest {
        area_code: "33".into(),
        dimension: 0,
        from_day: "2026-02-30".into(),
        to_day: "23.11.2026".into(),
        page_size: 501,
        page_token: "?".into(),
    })
    .await;
    assert_eq!(wrong.code(), tonic::Code::InvalidArgument);
    assert_eq!(fields(&wrong), ["area_code", "dimension", "from_day", "to_day", "page_size", "page_token"]);
    let wrong = refused(ListFiguresRequest {
        from_day: "2026-11-24".into(),
        to_day: "2026-11-23".into(),
        ..request(&town, "001052", Dimension::SubDistrict)
    })
    .await;
    assert_eq!(fields(&wrong), ["dimension", "to_day"]);

    let worker = town.bench.person("POST_GRID_WORKER", &town.bench.area("001052"));
    for (area, code) in [
        ("001052", None),
        ("001051", Some(tonic::Code::PermissionDenied)),
        ("001", Some(tonic::Code::PermissionDenied)),
    ] {
        let answer = client(&worker).list_figures(request(&town, area, Dimension::Day)).await;
        assert_eq!(answer.err().map(|status| status.code()), code, "{area}");
    }
    town.bench.stop().await
}
