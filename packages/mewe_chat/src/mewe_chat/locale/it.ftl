limit-of-confidentiality =
    Questa chat non è segreta per i responsabili del gruppo: possono leggere tutto ciò che si scrive qui.
    Gli altri del gruppo possono leggere ciò che scrivi nella stanza del gruppo.
    Non raccontiamo ad altri ciò che scrivi. Ma se pensiamo che tu o qualcun altro sia in pericolo, potremmo doverlo dire a qualcuno che può aiutare. Cercheremmo prima di parlarne con te.
    Se qualcuno segnala un messaggio, gli adulti che si occupano della sicurezza di tutti possono leggerlo.
