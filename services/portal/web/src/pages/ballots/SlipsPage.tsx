// The slips of a ballot.
import { useParams } from "react-router";
import { useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { Notice } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Unreadable } from "../../components/Unreadable.tsx";
import { voteWord } from "../../format/deliberation.ts";
import { msOf } from "../../format/times.ts";
import { type Ballot, Choice, Secrecy } from "../../gen/gongzhi/deliberation/v1/ballot_pb.ts";
import { ballots } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { SlipSheet, SlipText } from "../slips/SlipSheet.tsx";

const CHOICES = [Choice.FOR, Choice.AGAINST, Choice.ABSTAIN];

export default function SlipsPage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  const { permits } = usePerson();
  const query = useQuery(`ballot:${id}`, async (signal) => {
    const { ballot } = await ballots.getBallot({ ballotId: id }, { signal });
    if (!ballot) throw new TypeError("the answer holds no ballot");
    return ballot;
  });
  if (!query.data) return query.failure ? <Unreadable failure={query.failure} onRetry={query.reload} back={{ label: t("topics.back"), to: "/topics" }} /> : <PageSkeleton blocks={1} />;
  if (!permits.allows("ballot.print", query.data.areaCode)) return <Notice title={t("failure.forbidden")} action={{ label: t("state.back"), to: `/ballots/${id}` }} />;
  return <BallotSlips ballot={query.data} />;
}

function BallotSlips({ ballot }: { ballot: Ballot }) {
  const { t } = useSpeech();
  return (
    <SlipSheet
      back={{ to: `/ballots/${ballot.ballotId}`, label: t("ballot.title") }}
      note={t("ballot.slipsNote")}
      count={ballot.electors}
      printed={ballot.slipsPrintedAt !== undefined}
      make={async (options) => (await ballots.printSlips({ ballotId: ballot.ballotId }, options)).codes}
      slip={(code, index) => (
        <SlipText
          question={ballot.question}
          code={code}
          choices={CHOICES.map((choice) => t(voteWord[choice]))}
          howTo={t("slips.howTo")}
          votePath={`/vote/${ballot.ballotId}`}
          closesMs={msOf(ballot.closesAt) ?? 0}
          number={ballot.secrecy === Secrecy.OPEN ? index + 1 : undefined}
        />
      )}
    />
  );
}
