export-title = Allt som finns sparat om dig här
export-about = Det här sammanställdes den { $when }. Här står det du har skrivit och det som har antecknats om dig; inget som andra har skrivit.
export-keep = Spara det på en plats som är din. Den som har sidan kan läsa den.
export-why = Varför:
export-nothing = Här finns inget sparat om dig.
