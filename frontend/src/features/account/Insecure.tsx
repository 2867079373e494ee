import { Alert } from "@mantine/core";
import { useHouse } from "../../api/house";
import { text } from "./strings";

/** Says why signing in will be refused at this address, before anyone types a password. */
export function Insecure() {
  const house = useHouse();
  if (house?.secure_sign_in !== false) return null;
  return (
    <Alert color="madder" title={text.signIn.insecure} mb="lg">
      {text.signIn.insecureWords}
    </Alert>
  );
}
