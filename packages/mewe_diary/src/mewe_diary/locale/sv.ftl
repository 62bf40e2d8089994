# Vad man kan skriva om. Våra egna, neutrala ord; den som driver tjänsten har sina.
prompt-1 = Du har träffat din grupp. Vad vill du minnas från i dag?
prompt-2 = Vilken tanke har hälsat på mest den här veckan? Hur ser den ut när du skriver ner den?
prompt-3 = Ta en lugn minut. Vad märker du i kroppen, och runt omkring dig?
prompt-4 = Finns det något litet som du skulle vilja pröva?
prompt-5 = Vad är viktigt för dig? Vem eller vad ger dig kraft?
prompt-6 = Vad skulle du säga till en god vän som haft en dag som din?
prompt-7 = Vem finns där för dig? Vem skulle du kunna berätta något för?
prompt-follow-up = Det har gått en tid. Vad har blivit av det du skrev då?
prompt-any = Vad vill du ta med dig från i dag?

sharing-words =
    Du håller på att dela den här anteckningen med ledarna i din grupp. Inget annat ur din dagbok delas.
    De kan läsa den till den dag du väljer, eller tills du tar tillbaka den. Det någon har läst har de läst.
    Om något i den gör dem oroliga för att du eller någon annan är i fara kan de behöva berätta det för andra som kan hjälpa. De försöker prata med dig först.
    Behöver du hjälp nu, vänta inte på svar här: använd "Jag behöver hjälp".
