// Who is signed in. The cookie is the portal's; this only knows that there is a session and what it allows.
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import type { WhoAmIResponse } from "../gen/gongzhi/organization/v1/organization_pb.ts";
import { identity } from "../rpc/clients.ts";
import { type Failure, failureOf } from "../rpc/failure.ts";
import { hearSignedOut } from "../rpc/signedOut.ts";
import { Permits } from "./permits.ts";

export interface Person {
  staffId: string;
  displayName: string;
  permits: Permits;
  who: WhoAmIResponse;
}

export type SessionState =
  | { state: "asking" }
  | { state: "signed_out"; expired: boolean }
  | { state: "unreachable"; failure: Failure }
  | { state: "signed_in"; person: Person };

export class SignInRefused extends Error {
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

interface Session {
  session: SessionState;
  signIn: (account: string, password: string) => Promise<void>;
  signOut: () => Promise<void>;
  ask: () => void;
}

const SessionContext = createContext<Session | undefined>(undefined);

export function SessionProvider({ children }: { children: ReactNode }) {
  const [session, setSession] = useState<SessionState>({ state: "asking" });

  const ask = useCallback(() => {
    setSession({ state: "asking" });
    currentPerson().then(setSession, (thrown) => {
      const failure = failureOf(thrown);
      setSession(failure.kind === "signed_out" ? { state: "signed_out", expired: true } : { state: "unreachable", failure });
    });
  }, []);
  useEffect(ask, [ask]);

  const signIn = useCallback(async (account: string, password: string) => {
    const answer = await fetch("/session", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ account, password }),
    });
    if (!answer.ok) {
      const told = (await answer.json().catch(() => ({}))) as { reason?: string; message?: string };
      throw new SignInRefused(told.reason ?? "", told.message ?? "");
    }
    setSession(await currentPerson());
  }, []);

  const signOut = useCallback(async () => {
    await fetch("/session", { method: "DELETE" });
    setSession({ state: "signed_out", expired: false });
  }, []);

  useEffect(() => hearSignedOut(() => setSession({ state: "signed_out", expired: true })), []);
  const value = useMemo(() => ({ session, signIn, signOut, ask }), [session, signIn, signOut, ask]);
  return <SessionContext value={value}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession needs a SessionProvider above it");
  return session;
}

/** The person signed in; only for pages behind the sign-in. */
export function usePerson(): Person {
  const { session } = useSession();
  if (session.state !== "signed_in") throw new Error("this page is only for those who are signed in");
  return session.person;
}

async function currentPerson(): Promise<SessionState> {
  const answer = await fetch("/session");
  if (answer.status === 401) return { state: "signed_out", expired: false };
  if (!answer.ok) throw new TypeError(`the portal answered ${answer.status}`);
  const who = await identity.whoAmI({});
  return { state: "signed_in", person: { staffId: who.staffId, displayName: who.displayName, permits: new Permits(who), who } };
}
