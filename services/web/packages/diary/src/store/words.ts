/** What an app says in plain words. */
export type Key = keyof typeof EN;

const EN = {
  "may-be-deleted":
    "Your diary is only in this browser. The browser may delete it if you do not open it for a while, or if the device runs out of space. Save a copy, or add the app to your home screen.",
  "may-be-deleted-here":
    "This browser may delete what is on this device. What has been sent is also kept for you, sealed: you get it back with your passphrase, passkey or recovery words. If you have none of these, choose one now: without it nobody can open what we keep.",
  "kept-here":
    "Your diary is only on this device. The browser has promised to keep it. If the device is lost, the diary is lost: save a copy if you want to be sure.",
  "kept-here-and-there":
    "Your diary is on this device and, sealed, with us. We cannot open it. If you lose the device, you need your passphrase, passkey or recovery words.",
  "nearly-full": "There is almost no room left on this device. What you write may not be kept. Please make some room.",
  pin: "A PIN hides your diary from a quick look. It does not lock it: somebody with your unlocked device and some time gets past it. A passphrase does lock it.",
  passphrase:
    "A passphrase opens your diary on any device. Only you know it. If you forget it and have no other way in, nobody can help you open the diary.",
  passkey:
    "Your finger, face or device code opens your diary. On a new device it works if your passkeys come along. Your device lists it among your passkeys.",
  device: "This device opens your diary without asking. Whoever uses your unlocked device can read it.",
  recovery: "Fourteen words on paper open your diary if you lose your device. Who could find this paper?",
  conflict: "You changed this on two devices. Both are here; choose, or keep both.",
  waiting: "Not sent yet. It is safe on this device, and is sent when there is a connection.",
  "something-wrong":
    "Something did not come back as you wrote it, or did not come back at all. What was changed is kept aside. Everything else is here.",
  "hand-over":
    "Show this code to your own new device only. Somebody who takes a picture of it and gets into your account first can read your diary. It works once, for ten minutes.",
  "hand-over-gone":
    "This code is over, or somebody has used it. If that was not you, somebody else may be able to open your diary: begin a new one, bring everything along, and erase this one.",
  erase:
    "Your diary is taken from this device. What you sent stays, sealed, with us until you erase that too; what you shared stays shared until its day, or until you take it back. Some traces can stay on the device for a while: if you fear that somebody searches it, also delete this browser's data.",
};

const SV: Record<Key, string> = {
  "may-be-deleted":
    "Din dagbok finns bara i den här webbläsaren. Den kan tas bort om du inte öppnar den på ett tag, eller om enheten får slut på plats. Spara en kopia, eller lägg appen på hemskärmen.",
  "may-be-deleted-here":
    "Webbläsaren kan ta bort det som finns på den här enheten. Det som har skickats är också sparat åt dig, förseglat: du får tillbaka det med din lösenfras, din passnyckel eller dina återställningsord. Har du inget av det, välj något nu: utan det kan ingen öppna det vi sparar.",
  "kept-here":
    "Din dagbok finns bara på den här enheten. Webbläsaren har lovat att behålla den. Om enheten försvinner är dagboken borta: spara en kopia om du vill vara säker.",
  "kept-here-and-there":
    "Din dagbok finns på den här enheten och, förseglad, hos oss. Vi kan inte öppna den. Om du blir av med enheten behöver du din lösenfras, din passnyckel eller dina återställningsord.",
  "nearly-full": "Det är nästan slut på plats på den här enheten. Det du skriver kanske inte sparas. Gör gärna lite plats.",
  pin: "En pinkod döljer din dagbok för en snabb blick. Den låser inte: någon som har din upplåsta enhet och lite tid kommer förbi den. En lösenfras låser på riktigt.",
  passphrase:
    "En lösenfras öppnar din dagbok på vilken enhet som helst. Bara du kan den. Om du glömmer den och inte har någon annan väg in kan ingen hjälpa dig att öppna dagboken.",
  passkey:
    "Ditt finger, ditt ansikte eller enhetens kod öppnar dagboken. På en ny enhet fungerar det om dina passnycklar följer med. Enheten visar den bland dina passnycklar.",
  device: "Den här enheten öppnar dagboken utan att fråga. Den som använder din upplåsta enhet kan läsa den.",
  recovery: "Fjorton ord på papper öppnar din dagbok om du blir av med enheten. Vem skulle kunna hitta papperet?",
  conflict: "Du har ändrat det här på två enheter. Båda finns kvar; välj en, eller behåll båda.",
  waiting: "Inte skickat än. Det är tryggt på den här enheten och skickas när det finns en uppkoppling.",
  "something-wrong":
    "Något kom inte tillbaka som du skrev det, eller kom inte alls. Det som har ändrats är lagt åt sidan. Allt annat finns här.",
  "hand-over":
    "Visa koden bara för din egen nya enhet. Den som tar en bild av den och hinner in på ditt konto först kan läsa din dagbok. Den fungerar en gång, i tio minuter.",
  "hand-over-gone":
    "Koden gäller inte längre, eller så har någon använt den. Om det inte var du kan någon annan kanske öppna din dagbok: börja en ny, ta med allt och radera den här.",
  erase:
    "Din dagbok tas bort från den här enheten. Det du har skickat finns kvar, förseglat, hos oss tills du raderar det också; det du har delat är delat till sin dag, eller tills du tar tillbaka det. Spår kan finnas kvar på enheten en tid: om du är rädd att någon letar i den, ta också bort webbläsarens data.",
};

const WORDS: Readonly<Record<string, Record<Key, string>>> = { en: EN, sv: SV };

/** Words in a language such as `sv` or `sv-SE`; English where there are none. */
export function words(key: Key, language: string): string {
  return (WORDS[language.slice(0, 2).toLowerCase()] ?? EN)[key];
}

/** The languages that there are words in. */
export const LANGUAGES: readonly string[] = Object.keys(WORDS);
