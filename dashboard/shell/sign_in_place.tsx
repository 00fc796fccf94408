/** The sign-in, in place of the views while the processor wants a key. */
import { SignInForm } from "../sign_in/sign_in_form.tsx";
import type { ViewProps } from "./page.ts";
import { placeOf } from "./session.ts";

export function SignInPlace({ page }: ViewProps) {
  return (
    <SignInForm
      place={placeOf(page)}
      onSignedIn={(session) => {
        page.access.setSession(session);
        page.stream.retryNow();
      }}
    />
  );
}
