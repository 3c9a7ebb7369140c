//! Signing in: what a token carries, who is turned away, and when an account rests.

use anyhow::Result;
use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::token::{KeySet, Verifier};
use gongzhi_harness::Bench;
use gongzhi_organization::staff::{FirstAccount, appoint_as_system};
use gongzhi_organization::verifier;
use gongzhi_proto::access::{self, v1::Post};
use gongzhi_proto::ids::StaffId;
use gongzhi_proto::organization::v1 as pb;
use gongzhi_proto::organization::v1::identity_service_client::IdentityServiceClient;
use jiff::SignedDuration;
use tonic::{Code, Status};

use crate::bench::{fields, post, reason, serve, serve_on, writer};

const PASSWORD: &str = "correct horse battery";

async fn first(bench: &Bench, posts: Vec<pb::HeldPost>) -> Result<StaffId> {
    let first = FirstAccount {
        account: "first".into(),
        display_name: "张三".into(),
        password: PASSWORD.into(),
        posts,
    };
    Ok(appoint_as_system(&writer(bench).await?, bench.context.bus.district(), first).await?)
}

fn operator_post(bench: &Bench) -> pb::HeldPost {
    post(Post::PlatformOperator, bench.context.bus.district().as_str())
}

async fn sign_in(bench: &Bench, account: &str, password: &str) -> Result<pb::SignInResponse, Status> {
    let request = pb::SignInRequest { account: account.into(), password: password.into() };
    Ok(IdentityServiceClient::new(bench.channel()).sign_in(request).await?.into_inner())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_carries_the_posts_and_is_verified_by_the_published_key() -> Result<()> {
    let bench = serve().await?;
    let officer = post(Post::SubDistrictDutyOfficer, bench.area("001").as_str());
    let id = first(&bench, vec![operator_post(&bench), officer]).await?;
    assert!(first(&bench, vec![]).await.is_err(), "posts are asked for even in a repeat");
    assert_eq!(first(&bench, vec![operator_post(&bench)]).await?, id, "done once per account");

    let signed_in = sign_in(&bench, "first", PASSWORD).await?;
    assert_eq!(signed_in.staff.as_ref().map(|staff| staff.posts.len()), Some(2));
    let now = bench.context.clock.now();
    let seconds = signed_in.expires_at.map(|at| at.seconds).unwrap_or_default() - now.as_second();
    assert!((8 * 3600 - 60..=8 * 3600).contains(&seconds), "{seconds}");

    let caller = verifier(&bench.context).await?.verify(&signed_in.token, now)?;
    assert_eq!((caller.id(), caller.name()), (id.to_string().as_str(), "张三"));
    assert!(caller.may("staff.appoint", &Scope::area(bench.area("001052")), None));
    assert!(caller.may("whistle.sound", &Scope::area(bench.area("001")), None));
    assert!(!caller.may("whistle.sound", &Scope::area(bench.area("002")), None));

    // A service elsewhere needs nothing but the published keys.
    let keys = IdentityServiceClient::new(bench.channel()).get_key_set(pb::GetKeySetRequest {}).await?;
    let keys: KeySet = serde_json::from_str(&keys.into_inner().jwks_json)?;
    let elsewhere = Verifier::new(bench.context.settings.issuer.clone(), keys);
    assert_eq!(elsewhere.verify(&signed_in.token, now)?.id(), id.to_string());
    let later = now + SignedDuration::from_hours(9);
    assert!(elsewhere.verify(&signed_in.token, later).is_err(), "a working day later it has ended");
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_turned_away_learns_nothing() -> Result<()> {
    let bench = serve().await?;
    first(&bench, vec![operator_post(&bench)]).await?;
    let wrong = sign_in(&bench, "first", "wrong horse battery").await.unwrap_err();
    let unknown = sign_in(&bench, "nobody", PASSWORD).await.unwrap_err();
    let malformed = sign_in(&bench, "Nobody At All", PASSWORD).await.unwrap_err();
    for refused in [&unknown, &malformed] {
        assert_eq!((refused.code(), refused.message()), (wrong.code(), wrong.message()));
    }
    assert_eq!(wrong.code(), Code::Unauthenticated);
    assert!(!wrong.message().contains("horse"));
    let long = "x".repeat(801);
    assert_eq!(fields(&sign_in(&bench, "", &long).await.unwrap_err()), ["account", "password"]);
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_passwords_lock_for_a_quarter_of_an_hour() -> Result<()> {
    let clock = Clock::starting_at("2026-11-23T01:00:00Z".parse()?);
    let bench = serve_on(Bench::at(clock.clone()).await?).await?;
    first(&bench, vec![operator_post(&bench)]).await?;
    let minutes = SignedDuration::from_mins;
    for _ in 0..4 {
        assert_eq!(
            sign_in(&bench, "first", "wrong wrong wrong").await.unwrap_err().code(),
            Code::Unauthenticated
        );
    }
    sign_in(&bench, "first", PASSWORD).await?;
    for _ in 0..5 {
        assert_eq!(
            sign_in(&bench, "first", "wrong wrong wrong").await.unwrap_err().code(),
            Code::Unauthenticated
        );
        clock.advance(minutes(2));
    }
    // Ten minutes after the first of five, two after the last: the right password does not help either.
    clock.advance(minutes(12));
    let locked = sign_in(&bench, "first", PASSWORD).await.unwrap_err();
    assert_eq!((locked.code(), reason(&locked).as_str()), (Code::FailedPrecondition, "ACCOUNT_LOCKED"));
    clock.advance(minutes(2));
    sign_in(&bench, "first", PASSWORD).await?;

    // Wrong ones that lie further apart lock nothing.
    for _ in 0..8 {
        assert_eq!(
            sign_in(&bench, "first", "wrong wrong wrong").await.unwrap_err().code(),
            Code::Unauthenticated
        );
        clock.advance(minutes(4));
    }
    sign_in(&bench, "first", PASSWORD).await?;
    let left: i64 = sqlx::query_scalar("select count(*) from sign_in_attempts")
        .fetch_one(writer(&bench).await?.pool())
        .await?;
    assert_eq!(left, 0);
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_the_same_instant_do_not_outrun_the_count() -> Result<()> {
    let bench = serve().await?;
    let guesses = (0..12).map(|_| sign_in(&bench, "nobody", "wrong wrong wrong"));
    let codes: Vec<_> =
        futures::future::join_all(guesses).await.into_iter().map(|guess| guess.unwrap_err().code()).collect();
    let looked_at = codes.iter().filter(|code| **code == Code::Unauthenticated).count();
    let locked = codes.iter().filter(|code| **code == Code::FailedPrecondition).count();
    assert_eq!((looked_at, locked), (5, 7), "an account that nobody has rests like any other");
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_may_ask_who_they_are() -> Result<()> {
    let bench = serve().await?;
    let liaison = bench.liaison("housing");
    let me = IdentityServiceClient::new(liaison.calls()).who_am_i(pb::WhoAmIRequest {}).await?.into_inner();
    assert_eq!(me.staff_id, liaison.id.to_string());
    let district = bench.context.bus.district().to_string();
    let held = pb::HeldPost { department_code: "housing".into(), ..post(Post::DepartmentLiaison, &district) };
    assert_eq!(me.posts, [held]);
    let permits: Vec<_> = me.permits.iter().map(|permit| permit.permission.clone()).collect();
    // What the contract says of the post, no more and no less; of a liaison at least that it answers whistles.
    let wanted = access::post_options(Post::DepartmentLiaison).expect("a post has options").permissions;
    assert_eq!(permits, wanted);
    assert!(permits.iter().any(|permission| permission == "whistle.answer"));
    assert!(
        me.permits.iter().all(|permit| permit.area_code == district && permit.department_code == "housing")
    );
    let nobody =
        IdentityServiceClient::new(bench.channel()).who_am_i(pb::WhoAmIRequest {}).await.unwrap_err();
    assert_eq!(nobody.code(), Code::Unauthenticated);
    bench.stop().await
}
