"""One small news item in each of many languages, written for these tests."""

NEWS = {
    "ar": (
        "قررت بلدية المدينة يوم الثلاثاء إغلاق الجسر القديم حتى الربيع المقبل بسبب أعمال "
        "الصيانة. وقال المهندسون إن الإصلاح سيكلف أربعة ملايين، وستنقل العبارات المشاة في "
        "هذه الأثناء."
    ),
    "cs": (
        "Městská rada v úterý rozhodla, že starý most zůstane kvůli opravě zavřený až do "
        "jara. Podle inženýrů budou práce stát čtyři miliony a chodce zatím převezou "
        "přívozy."
    ),
    "da": (
        "Byrådet besluttede tirsdag at lukke den gamle bro indtil foråret, fordi den skal "
        "repareres. Ingeniørerne siger, at arbejdet koster fire millioner, og færgen sejler"
        " imens med fodgængerne."
    ),
    "de": (
        "Der Stadtrat hat am Dienstag beschlossen, die alte Brücke bis zum Frühjahr zu "
        "sperren. Die Arbeiten kosten nach Angaben der Ingenieure vier Millionen, für "
        "Fußgänger fährt eine Fähre."
    ),
    "el": (
        "Το δημοτικό συμβούλιο αποφάσισε την Τρίτη να κλείσει την παλιά γέφυρα μέχρι την "
        "άνοιξη. Σύμφωνα με τους μηχανικούς, οι εργασίες θα κοστίσουν τέσσερα εκατομμύρια."
    ),
    "en": (
        "The town council voted on Tuesday to keep the old bridge closed for repairs until "
        "spring. Engineers said the work would cost four million, and a ferry will carry "
        "those on foot."
    ),
    "es": (
        "El ayuntamiento decidió el martes cerrar el viejo puente hasta la primavera por "
        "reparaciones. Según los ingenieros, las obras costarán cuatro millones y un "
        "transbordador llevará a los peatones mientras tanto, añadió el alcalde."
    ),
    "fa": (
        "شورای شهر روز سه‌شنبه تصمیم گرفت پل قدیمی را تا بهار برای تعمیر ببندد. به گفته "
        "مهندسان این کار چهار میلیون هزینه دارد و پیاده‌ها در این مدت با قایق می‌گذرند."
    ),
    "fi": (
        "Kaupunginvaltuusto päätti tiistaina sulkea vanhan sillan korjauksen ajaksi "
        "kevääseen asti. Insinöörien mukaan työ maksaa neljä miljoonaa, ja lautta kuljettaa"
        " sillä välin jalankulkijat."
    ),
    "fr": (
        "Le conseil municipal a décidé mardi de fermer le vieux pont jusqu’au printemps. "
        "Selon les ingénieurs, les travaux coûteront quatre millions d’euros ; un bac "
        "transportera les piétons à l’été, a précisé la mairie."
    ),
    "he": (
        "מועצת העיר החליטה ביום שלישי לסגור את הגשר הישן עד האביב לצורך שיפוץ. לדברי "
        "המהנדסים העבודות יעלו ארבעה מיליון, ובינתיים מעבורת תסיע את הולכי הרגל."
    ),
    "hi": (
        "नगर परिषद ने मंगलवार को पुराने पुल को मरम्मत के लिए वसंत तक बंद रखने का फैसला "
        "किया। इंजीनियरों के अनुसार इस काम पर चालीस लाख का खर्च आएगा और तब तक नाव चलेगी।"
    ),
    "hu": (
        "A városi tanács kedden úgy döntött, hogy a régi hidat tavaszig lezárják a "
        "felújítás miatt. A mérnökök szerint a munka négymillióba kerül, addig komp viszi "
        "át a gyalogosokat."
    ),
    "id": (
        "Dewan kota pada hari Selasa memutuskan untuk menutup jembatan tua itu sampai musim"
        " semi. Menurut para insinyur, perbaikan akan menelan biaya empat juta dan "
        "sementara itu feri akan mengangkut pejalan kaki."
    ),
    "it": (
        "Il consiglio comunale ha deciso martedì di chiudere il vecchio ponte fino alla "
        "primavera. Secondo gli ingegneri i lavori costeranno quattro milioni, e intanto un"
        " traghetto porterà i pedoni perché la città non resti divisa."
    ),
    "ja": (
        "市議会は火曜日、古い橋を修理のため春まで閉鎖することを決めた。技術者によると工事"
        "には四百万かかり、その間は渡し船が歩行者を運ぶという。"
    ),
    "ko": (
        "시의회는 화요일 낡은 다리를 보수하기 위해 봄까지 폐쇄하기로 결정했다. "
        "기술자들은 공사에 사백만이 들 것이라고 말했으며 그동안 나룻배가 보행자를"
        " 실어 나른다."
    ),
    "nl": (
        "De gemeenteraad besloot dinsdag de oude brug tot het voorjaar te sluiten voor "
        "herstel. Volgens de ingenieurs kost het werk vier miljoen en vaart er intussen een"
        " veerpont."
    ),
    "pl": (
        "Rada miasta zdecydowała we wtorek, że stary most pozostanie zamknięty aż do "
        "wiosny. Zdaniem inżynierów prace będą kosztować cztery miliony, a pieszych "
        "przewiezie w tym czasie prom."
    ),
    "pt": (
        "A câmara municipal decidiu na terça-feira fechar a ponte velha até à primavera. "
        "Segundo os engenheiros, as obras vão custar quatro milhões e uma balsa levará os "
        "peões."
    ),
    "ro": (
        "Consiliul local a hotărât marți să închidă podul vechi până la primăvară pentru "
        "reparații. Inginerii spun că lucrarea va costa patru milioane, iar un bac îi va "
        "trece pe pietoni."
    ),
    "ru": (
        "Городской совет решил во вторник закрыть старый мост на ремонт до весны. По словам"
        " инженеров, работы обойдутся в четыре миллиона, а пешеходов будет перевозить "
        "паром."
    ),
    "sv": (
        "Kommunfullmäktige beslutade i tisdags att stänga den gamla bron för reparation "
        "till våren. Enligt ingenjörerna kostar arbetet fyra miljoner, och en färja tar "
        "gående över så länge."
    ),
    "th": (
        "สภาเมืองมีมติเมื่อวันอังคารให้ปิดสะพานเก่าเพื่อซ่อมแซมจนถึงฤดูใบไม้ผลิ "
        "วิศวกรกล่าวว่างานนี้จะใช้เงินสี่ล้าน และระหว่างนี้จะมีเรือข้ามฟากสำหรับคนเดินเท้า"
    ),
    "tr": (
        "Belediye meclisi salı günü eski köprünün onarım için ilkbahara kadar kapatılmasına"
        " karar verdi. Mühendislere göre çalışma dört milyona mal olacak, bu sürede "
        "yayaları vapur taşıyacak."
    ),
    "uk": (
        "Міська рада у вівторок вирішила закрити старий міст на ремонт до весни. За словами"
        " інженерів, роботи коштуватимуть чотири мільйони, а пішоходів перевозитиме пором."
    ),
    "vi": (
        "Hội đồng thành phố hôm thứ Ba quyết định đóng cửa cây cầu cũ để sửa chữa đến mùa "
        "xuân. Theo các kỹ sư, công việc sẽ tốn bốn triệu và trong thời gian đó phà sẽ chở "
        "người đi bộ."
    ),
    "zh": (
        "市议会周二决定关闭老桥进行维修，直到春天才重新开放。工程师表示，这项工程将耗资四"
        "百万，在此期间渡船将运送行人过河。"
    ),
}
