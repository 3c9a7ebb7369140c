// The slips of a ballot, by number where it is open, mixed where it is secret.
import { useParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { Notice } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Unreadable } from "../../components/Unreadable.tsx";
import { voteWord } from "../../format/deliberation.ts";
import { msOf } from "../../format/times.ts";
import { type Ballot, Choice, Secrecy } from "../../gen/gongzhi/deliberation/v1/ballot_pb.ts";
import { ballots } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { Slip, SlipSheet } from "./SlipSheet.tsx";

const CHOICES = [Choice.FOR, Choice.AGAINST, Choice.ABSTAIN];

export default function SlipsPage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  const { permits } = usePerson();
  usePageTitle(t("slips.title"));
  const query = useQuery(`ballot:${id}`, async (signal) => {
    const { ballot } = await ballots.getBallot({ ballotId: id }, { signal });
    if (!ballot) throw new TypeError("the answer holds no ballot");
    return ballot;
  });
  if (!query.data) return query.failure ? <Unreadable failure={query.failure} onRetry={query.reload} back={{ label: t("topics.back"), to: "/topics" }} /> : <PageSkeleton blocks={1} />;
  if (!permits.allows("ballot.print", query.data.areaCode)) return <Notice title={t("failure.forbidden")} action={{ label: t("state.back"), to: `/ballots/${id}` }} />;
  return <Slips ballot={query.data} />;
}

function Slips({ ballot }: { ballot: Ballot }) {
  const { t } = useSpeech();
  return (
    <SlipSheet
      title={t("slips.title")}
      back={{ label: t("ballot.title"), to: `/ballots/${ballot.ballotId}` }}
      note={t("ballot.slipsNote")}
      count={ballot.electors}
      given={ballot.slipsPrintedAt !== undefined}
      make={(options) => ballots.printSlips({ ballotId: ballot.ballotId }, options)}
    >
      {(code, index) => (
        <Slip
          key={code}
          question={ballot.question}
          code={code}
          choices={CHOICES.map((choice) => t(voteWord[choice]))}
          howTo={t("slips.howTo")}
          path={`/vote/${ballot.ballotId}`}
          until={msOf(ballot.closesAt) ?? 0}
          number={ballot.secrecy === Secrecy.OPEN ? index + 1 : undefined}
        />
      )}
    </SlipSheet>
  );
}
