//! Conversations: said by slips that nobody can link with anybody, moderated by reasons, and closed while others speak.

use anyhow::{Context, Result};
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::conversation_service_client::ConversationServiceClient;
use tonic::Code;

use crate::speakers::{
    anybody, asked, closes, judges, moderates, next, opened, record, seeds, submits, told,
};
use crate::town::{Town, conversations, fields, reason};

#[tokio::test(flavor = "multi_thread")]
async fn statements_wait_for_moderation_and_a_slip_makes_five() -> Result<()> {
    let town = Town::new().await?;
    let (id, codes) = opened(&town, 10).await?;
    let code = codes[0].to_lowercase().replace('-', " ");
    for nth in 1..=5 {
        let made = submits(&town, &id, &code, &format!("早上{nth}点前收摊")).await?;
        assert_eq!((made.number, made.seed, made.status()), (nth, false, pb::StatementStatus::Waiting));
    }
    let again = submits(&town, &id, &code, "早上2点前收摊").await?;
    assert_eq!(again.number, 2, "what is said again, because no answer came, is answered as before");
    let other = submits(&town, &id, &codes[1], "早上2点前收摊").await?;
    assert_eq!(other.number, 2, "and what somebody has said already is nothing new");
    let sixth = submits(&town, &id, &code, "早上六点前收摊").await.unwrap_err();
    assert_eq!(reason(&sixth), "NO_MORE_STATEMENTS");
    let unknown = submits(&town, &id, "0000-0000-0000", "早上六点前收摊").await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
    let early = judges(&town, &id, &code, (1, pb::Judgement::Agree)).await.unwrap_err();
    assert_eq!(reason(&early), "NO_SUCH_STATEMENT", "it waits");
    assert!(next(&town, &id, &code).await?.is_empty());
    let list = |status: pb::StatementStatus, page_token: String| pb::ListStatementsRequest {
        conversation_id: id.clone(),
        status: status as i32,
        page_size: 2,
        page_token,
    };
    let first = list(pb::StatementStatus::Waiting, String::new());
    let first = conversations(&town.worker).list_statements(first).await?.into_inner();
    assert_eq!(first.statements.iter().map(|statement| statement.number).collect::<Vec<_>>(), [1, 2]);
    let second = list(pb::StatementStatus::Waiting, first.next_page_token);
    let second = conversations(&town.worker).list_statements(second).await?.into_inner();
    assert_eq!(second.statements.iter().map(|statement| statement.number).collect::<Vec<_>>(), [3, 4]);

    assert_eq!(moderates(&town, &id, 1, None).await?.status(), pb::StatementStatus::Accepted);
    let off_topic = Some(pb::RejectionReason::OffTopic);
    let rejected = moderates(&town, &id, 2, off_topic).await?;
    assert_eq!(rejected.rejection_reason(), pb::RejectionReason::OffTopic);
    let missing = moderates(&town, &id, 99, None).await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
    judges(&town, &id, &code, (1, pb::Judgement::Agree)).await?;
    judges(&town, &id, &code, (1, pb::Judgement::Disagree)).await?;
    judges(&town, &id, &code, (1, pb::Judgement::Disagree)).await?;
    let mine = pb::GetMyJudgementsRequest { conversation_id: id.clone(), code: code.clone() };
    let mine = anybody(&town).get_my_judgements(mine).await?.into_inner();
    let [said] = &mine.judgements[..] else { panic!("{:?}", mine.judgements) };
    assert_eq!((said.number, said.judgement()), (1, pb::Judgement::Disagree));
    assert_eq!(said.statement.as_ref().map(|statement| &*statement.text), Some("早上1点前收摊"));
    assert_eq!((mine.statements_made, mine.statements_left), (5, 0));

    let again = pb::PrintConversationSlipsRequest { conversation_id: id.clone() };
    let again = conversations(&town.secretary).print_conversation_slips(again).await.unwrap_err();
    assert_eq!(reason(&again), "SLIPS_ALREADY_PRINTED");
    let closed = closes(&town, &id, "街道已给出新的市场场地").await?;
    assert!(closed.close_reason.contains("市场"));
    let fact = told(&town).await?;
    assert_eq!((fact.participants, fact.statements, fact.votes), (0, 0, 0), "of one person nothing is told");
    assert_eq!(reason(&record(&town, &id).await.unwrap_err()), "TOO_FEW_FOR_EXPORT");
    assert_eq!(reason(&closes(&town, &id, "").await.unwrap_err()), "CONVERSATION_CLOSED");
    let late = submits(&town, &id, &codes[1], "早上六点前收摊").await.unwrap_err();
    assert_eq!(reason(&late), "CONVERSATION_ENDED");
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_while_it_is_closed_is_counted_or_refused() -> Result<()> {
    let town = Town::new().await?;
    let (id, codes) = opened(&town, 40).await?;
    seeds(&town, &id, "早上八点前收摊").await?;
    for code in &codes[..12] {
        judges(&town, &id, code, (1, pb::Judgement::Agree)).await?;
    }
    let racing = codes[12..].iter().map(|code| judges(&town, &id, code, (1, pb::Judgement::Pass)));
    let (said, closed) = tokio::join!(futures::future::join_all(racing), closes(&town, &id, "议题已有结果"));
    closed?;
    let taken = said.iter().filter(|said| said.is_ok()).count();
    assert!(
        said.iter().flat_map(|said| said.as_ref().err()).all(|error| reason(error) == "CONVERSATION_ENDED")
    );
    let fact = told(&town).await?;
    assert_eq!((fact.participants as usize, fact.votes as usize), (12 + taken, 12 + taken));
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_does_nothing_and_a_repeat_gets_the_first_answer() -> Result<()> {
    let town = Town::new().await?;
    let topic = town.proposes("马路菜场").await?;
    let denied = conversations(&town.worker).open_conversation(asked(&town, &topic, 10)).await;
    assert_eq!(denied.unwrap_err().code(), Code::PermissionDenied, "a worker");
    let other = town.bench.person("POST_COMMUNITY_SECRETARY", &town.bench.area("001053"));
    let denied = conversations(&other).open_conversation(asked(&town, &topic, 10)).await;
    assert_eq!(denied.unwrap_err().code(), Code::PermissionDenied, "another community");
    let mut keyed = ConversationServiceClient::new(town.secretary.calls_with_key("the-same-opening"));
    let open = asked(&town, &topic, 10);
    let first = keyed.open_conversation(open.clone()).await?.into_inner();
    assert_eq!(keyed.open_conversation(open).await?.into_inner(), first);
    let id = first.conversation.clone().context("a conversation")?.conversation_id;
    let mut keyed = ConversationServiceClient::new(town.worker.calls_with_key("the-same-seed"));
    let seed = pb::SeedStatementRequest { conversation_id: id.clone(), text: "早上八点前收摊".into() };
    let made = keyed.seed_statement(seed.clone()).await?.into_inner();
    assert_eq!(keyed.seed_statement(seed).await?.into_inner(), made);
    let stranger = town.bench.person("POST_COMMUNITY_WORKER", &town.bench.area("001053"));
    let seed = pb::SeedStatementRequest { conversation_id: id.clone(), text: "晚上摆摊也可以".into() };
    let denied = conversations(&stranger).seed_statement(seed).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    let request = pb::GetOpinionMapRequest { conversation_id: id };
    let denied = conversations(&stranger).get_opinion_map(request).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    let list = pb::ListConversationsRequest { topic_id: topic, ..Default::default() };
    let listed = conversations(&town.worker).list_conversations(list).await?.into_inner().conversations;
    assert_eq!(listed, [first.conversation.context("a conversation")?]);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_a_conversation_that_is_wrong_is_named_at_once() -> Result<()> {
    let town = Town::new().await?;
    let wrong = pb::OpenConversationRequest {
        topic_id: "x".into(),
        question: "?".into(),
        slips: 9,
        closes_at: town.in_days(61),
    };
    let wrong = conversations(&town.secretary).open_conversation(wrong).await.unwrap_err();
    assert_eq!(fields(&wrong), ["topic_id", "question", "slips", "closes_at"]);
    let wrong = submits(&town, "x", "短码", "请打13805712345找我商量").await.unwrap_err();
    assert_eq!(fields(&wrong), ["conversation_id", "code", "text"]);
    assert!(!format!("{wrong:?}").contains("13805712345"), "what was found is not told again");
    let wrong = judges(&town, "x", "", (0, pb::Judgement::Unspecified)).await.unwrap_err();
    assert_eq!(fields(&wrong), ["conversation_id", "code", "number", "judgement"]);
    let moderate = pb::ModerateStatementRequest { verdict: 2, ..Default::default() };
    let wrong = conversations(&town.worker).moderate_statement(moderate).await.unwrap_err();
    assert_eq!(fields(&wrong), ["conversation_id", "number", "rejection_reason"]);
    let moderate =
        pb::ModerateStatementRequest { verdict: 1, rejection_reason: 3, number: 1, ..Default::default() };
    let wrong = conversations(&town.worker).moderate_statement(moderate).await.unwrap_err();
    assert_eq!(fields(&wrong), ["conversation_id", "rejection_reason"]);
    let wrong = closes(&town, "x", "短").await.unwrap_err();
    assert_eq!(fields(&wrong), ["conversation_id", "reason"]);
    let list =
        pb::ListStatementsRequest { status: 9, page_size: 201, page_token: "?".into(), ..Default::default() };
    let wrong = conversations(&town.worker).list_statements(list).await.unwrap_err();
    assert_eq!(fields(&wrong), ["conversation_id", "status", "page_size", "page_token"]);
    let missing = uuid::Uuid::now_v7().to_string();
    let unknown = judges(&town, &missing, "7QK4-2MZ9-R3TV", (1, pb::Judgement::Pass)).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
    let kept: i64 =
        sqlx::query_scalar("select count(*) from aggregates").fetch_one(&town.schema().await?).await?;
    assert_eq!(kept, 0);
    town.bench.stop().await
}
