limit-of-confidentiality =
    Dieser Chat ist vor deinen Gruppenleitungen nicht geheim: Sie können alles lesen, was hier geschrieben wird.
    Andere in der Gruppe können lesen, was du im Raum der Gruppe schreibst.
    Wir erzählen nicht weiter, was du schreibst. Wenn wir aber glauben, dass du oder jemand anderes in Gefahr ist, müssen wir es vielleicht jemandem sagen, der helfen kann. Wir würden versuchen, zuerst mit dir zu sprechen.
    Wenn jemand eine Nachricht meldet, können die Erwachsenen sie lesen, die auf die Sicherheit aller achten.
