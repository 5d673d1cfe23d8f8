"""The words that mean STOP, START, HELP, "what do you know about me?", yes and no, by language.

A word we were not sure of in a language is left out rather than invented, so some lists are short.
Misspellings and Latin spellings stand beside the word they mean. Add a line, never a rule.
"""

# Per language, phrases apart by commas; each is folded like a message, so marks and case are free.
STOP_WORDS: dict[str, str] = {
    # A zero is how every menu says stop; "o" is how a zero is often typed.
    "digits": "0, 00, 000, o, zero, صفر",
    # AWS reads "td" as STOP as well.
    "en": "stop, stopp, sstop, stpo, sotp, stoop, stap, st0p, s t o p, stopall, stop all, stop it, "
    "unsubscribe, unsubscribed, unsubcribe, unsuscribe, unsubscibe, unsub, optout, "
    "opt out, opt-out, end, quit, cancel, revoke, remove, delete, exit, enough, no more, td, "
    "leave me alone, "
    "st op, sto p, s top, 5top, stopit, stop now, stop sms, stop msg, unsuscribed, unsubscribe me, opt me out, "
    "remove me, delete me, take me off, take me off the list, do not text me, dont text me, don't text me, "
    "don't message me, no more messages, no more texts, revoke consent, optout all, "
    "do not contact, don't contact, do not contact me, don't contact me, do not send me messages, "
    "don't send me messages, do not send me any messages, don't send me any messages, "
    "delete number, delete my number, remove number, remove my number",
    "fr": "arrêt, arrêter, arrête, arrêtez, arrêts, aret, arette, arrette, arrettez, aretez, "
    "arretter, désabonner, désabonnez, désabonne, me désabonner, se désabonner, désabonnement, "
    "désabonnez-moi, désinscrire, me désinscrire, désinscription, désinscrivez-moi, résilier, "
    "résiliation, annuler, annulez, annule, quitter, assez, ça suffit, ne m'écrivez plus, "
    "ne m'écris plus, laissez-moi tranquille, "
    "stopper, stoppez, arrêtez tout, arretez les sms, arrêter les messages, retirez-moi, supprimez-moi, "
    "plus de messages, plus de sms, stop sms, ne plus recevoir, je ne veux plus de messages",
    "ar": "توقف, توقفوا, قف, أوقف, أوقفوا, أوقفو, إيقاف, وقف, وقفوا, وقفو, إلغاء, الغي, ألغوا, "
    "إنهاء, كفى, كفاية, يكفي, خلاص, بس, يزي, ستوب, استوب, ستب, لا ترسل, لا ترسلوا, لا ترسلو, "
    "لا تراسلني, لا تراسلوني, لا أريد رسائل, مش عايز رسائل, ما أبغى رسائل, khalas, khlas, kifaya, "
    "tawaqaf, tawakaf, 7bes, hbes, yezzi, yezi, stob, istop, istob, estop, "
    "الغاء الاشتراك, إلغاء اشتراكي, الغوا اشتراكي, وقفوا الرسائل, أوقفوا الرسائل, أوقف الرسائل, لا تبعثوا, "
    "ما تبعتوا, ما تبعتولي, احذفني, احذفوني, شيلوني, امسحوني, tawaqqaf, tawakkaf, wa2ef, wa2fo, elgha2, ilgha2, khallas, "
    "لا أريد هذه الرسائل, لا أريد الرسائل, لا أريد رسائلكم, احذف رقمي, احذفوا رقمي, امسح رقمي, امسحوا رقمي",
    "am": "አቁም, አቁሚ, አቁሙ, ይቁም, አቋርጥ, አቋርጡ, አቋርጪ, ይቋረጥ, በቃ, አትላክ, አትላኩ, ስቶፕ, akum, aqum, "
    "አቁምልኝ, አቁሙልኝ, አቁሙት, አቁመው, ይብቃ, በቃኝ, አትላኩልኝ, አትላክልኝ, ሰርዝ, ሰርዙ, ይሰረዝ, "
    "መልእክት አትላኩ, aqumu, akumu, beqa, beka, atlaku, atilaku",
    "ti": "ኣቁም, ኣቁሙ, ደው በል, ደው ኣብል, ደው ኣብሉ, ጠጠው ኣብል, ጠጠው ኣብሉ, ኣቋርጽ, ኣቋርጹ, ይኣክል, "
    "ደው ይበል, ጠጠው በል, ጠጠው ይበል, ይኣክለኒ, ኣይትስደድ, ኣይትስደዱ, ኣይትስደዱለይ, ሰርዝ, ሰርዙ, ይሰረዝ, ስቶፕ, "
    "dew bel, dew abil, dew abl, dew abilu, tetew abil, tetew abl, yiakil, yiakl",
    "om": "dhaabi, dhaabaa, dhaabuu, addaan kuti, addaan kutaa, addaan kutuu, "
    "dhaabii, dhaabbadhu, dhaabbadhaa, haa dhaabbatu, haa dhaabatu, naaf dhaabi, naaf dhaabaa, "
    "hin ergin, hin erginaa, naaf hin ergin, naaf hin erginaa, na ga'a, ga'eera, keessaa na baasi, "
    "keessaa na baasaa, itti hin fufin, itti hin fufinaa, addaan haa citu",
    "so": "jooji, joojiya, jooja, joji, joojin, iska jooji, iga jooji, ii jooji, joogso, ka bax, "
    "jojji, joojiyo, istaag, iga saar, iga saara, iga tir, tirtir, baaji, iga bixi, iga bixiya, ha soo dirin, "
    "ha ii soo dirin, ha iisoo dirin, fariimo ha ii soo dirin, ma rabo fariimo, stop garee, istop garee",
    "ha": "tsaya, tsayar, dakata, dakatar, daina, ku daina, a daina, a tsaya, a dakata, ya isa, "
    "soke, ka daina, ki daina, "
    "ku dakata, ku dakatar, ku tsaya, ka tsaya, tsaida, daina aiko, ku daina aiko, daina aiko min, "
    "ku daina aiko min, ku daina aika sako, kar a aiko, kada a aiko, kar ku aiko, kada ku aiko, cire ni, ku cire ni, "
    "ya ishe ni, bana son sako, ba na son sako, ba na son sakonni",
    "wo": "taxaw, taxawal, bàyyil, bayil, doy na, doyna",
    "bm": "dabila, a dabila",
    "bn": "বন্ধ, বন্ধ করুন, বন্ধ কর, বন্ধ করো, বন্ধ করেন, থামুন, থামান, থামো, থামাও, বাতিল, বাতিল করুন, "
    "স্টপ, bondho, bondho koro, bondho korun, bandho, thamun, thaman, thamo, batil, "
    "বন্ধ করে দিন, বন্ধ করে দাও, থামিয়ে দিন, আর পাঠাবেন না, মেসেজ পাঠাবেন না, আর মেসেজ না, অফ করুন, "
    "bondo, bondo koro, bondo korun, bondho kor, off koro, off korun",
    "ur": "بند, بند کرو, بند کریں, بند کر دو, بند کردو, بند کر دیں, بند کردیں, روکو, روکیں, روک دو, "
    "روک دیں, ختم کرو, ختم کریں, سٹاپ, اسٹاپ, band karo, band kro, band karen, band kardo, "
    "band krdo, band kar do, roko, rok do, "
    "بس کرو, بس کریں, بس کر دو, مت بھیجو, مت بھیجیں, میسج مت بھیجو, میسج مت بھیجیں, میسج نہ بھیجیں, "
    "منسوخ, منسوخ کرو, منسوخ کریں, bas karo, bas kro, mat bhejo, msg band karo, mansookh",
    "prs": "توقف, متوقف, متوقف کن, متوقف کنید, لغو, لغو کن, لغو کنید, لغو اشتراک, قطع, قطع کن, "
    "قطع کنید, بس است, بس کن, بس کنید, ایست, استاپ, نفرست, نفرستید, پیام نفرست, پیام نفرستید",
    "ps": "ودروه, ودروئ, ودروی, بند کړه, بند کړئ, بند کړی, بس دی, لغوه",
    "ckb": "بوەستە, بوەستێنە, بوەستێنن, ڕایبگرە, بەسە, ستۆپ",
    "kmr": "raweste, rawestîne, rawestînin, bes, bes e, bese",
    "tr": "dur, durdur, durdurun, durun, iptal, iptal et, iptal edin, çık, çıkış, bitir, yeter, ret, "
    "abonelikten çık, mesaj istemiyorum",
    "es": "alto, parar, pare, paren, párenlo, basta, basta ya, cancelar, cancela, cancele, baja, "
    "dar de baja, darme de baja, darse de baja, deme de baja, detener, detengan, salir, "
    "no más, no más mensajes, eliminar, desuscribir, desuscribirme, "
    "paren ya, pare ya, detener mensajes, cancelar suscripción, anular, anular suscripción, no enviar más, "
    "no envíen más, no me escriban más, no me escriban, ya no quiero mensajes, no quiero mensajes, "
    "no quiero más mensajes, bórrenme, sáquenme, quítenme, desuscribirse, desinscribir, cancelen",
    "pt": "parar, pare, parem, cancelar, cancele, sair, remover, chega, basta, descadastrar, "
    "cancelar inscrição, não quero mensagens",
    "ht": "rete, kanpe, sispann, ase, anile",
    "sw": "simama, simamisha, sitisha, sitisheni, komesha, jiondoe, jitoe, niondoe, acheni, "
    "acha kutuma, acha ujumbe, sitaki ujumbe, "
    "simamisheni, acheni kutuma, achana nami, niondoeni, nitoe, nitoeni, ondoa, futa, ghairi, batilisha, "
    "katisha, sitaki jumbe, sitaki ujumbe tena, msinitumie, msinitumie ujumbe, usinitumie ujumbe, usitume, "
    "msitume, imetosha, inatosha, koma, komeni, stopu, kujiondoa",
    "ny": "lekani, leka, siyani",
    "pcm": "stop am, make una stop, make you stop",
    "ms": "berhenti, henti, hentikan, batal, batalkan, cukup",
    "my": "ရပ်, ရပ်ပါ, ရပ်တန့်, ရပ်တန့်ပါ, ရပ်လိုက်ပါ",
    "zh": "停, 停止, 退订, 退訂, 取消",
    "ru": "стоп",
    "el": "στοπ",
}
START_WORDS: dict[str, str] = {
    "en": "start, strat, statr, strart, startt, unstop, subscribe, join, begin, resume, opt in, "
    "optin, sign up, signup",
    "fr": "démarrer, démarre, demarer, commencer, commence, commencez, début, débuter, reprendre, "
    "s'abonner, m'abonner, abonner, abonnez-moi, s'inscrire, m'inscrire, inscription, "
    "inscrivez-moi, rejoindre",
    "ar": "ابدأ, إبدأ, ابدؤوا, ابدأوا, بدء, البدء, اشترك, اشتراك, أشترك, استئناف, انضمام, ستارت",
    "am": "ጀምር, ጀምሪ, ጀምሩ, ስታርት",
    "ti": "ጀምር, ጀምሩ",
    "om": "jalqabi, jalqabaa, eegali",
    "so": "bilow, billow, bilaw, ku biir, ku soo biir",
    "ha": "fara, farawa, ku fara, a fara",
    "wo": "tàmbali, tàmbalil, dooral",
    "bm": "daminɛ, a daminɛ",
    "bn": "শুরু, শুরু করুন, শুরু কর, শুরু করো, স্টার্ট, shuru korun, shuru koro, suru korun",
    "ur": "شروع, شروع کرو, شروع کریں, سٹارٹ, اسٹارٹ, shuru, shuru karo, shuru karen",
    "prs": "شروع کن, شروع کنید, آغاز, استارت",
    "ps": "پیل, پیل کړه, پیل کړئ, شروع کړه, شروع کړئ",
    "ckb": "دەستپێبکە, دەست پێ بکە, دەستپێکردن",
    "kmr": "destpêke, dest pê bike, destpêkirin",
    "tr": "başla, başlat, başlatın, abone ol",
    "es": "empezar, comenzar, iniciar, inicia, inicio, alta, darme de alta, reanudar, suscribir, "
    "suscribirme, unirme",
    "pt": "começar, iniciar, inscrever, retomar, assinar",
    "ht": "kòmanse, komanse",
    "sw": "anza, anzisha, jiunge, jiunga",
    "ny": "yamba, yambani",
    "pcm": "start am",
    "ms": "mula, mulai, daftar",
    "my": "စတင်, စတင်ပါ, စပါ",
    "zh": "开始, 開始",
    "ru": "старт",
}
HELP_WORDS: dict[str, str] = {
    "en": "help, hepl, hlep, halp, helpp, help me, info, information, sos",
    "fr": "aide, aider, aidez, aidez-moi, aide-moi, aidez-nous, au secours, secours, infos",
    "ar": "مساعدة, المساعدة, ساعدني, ساعدوني, ساعدونا, النجدة, نجدة, معلومات, هيلب, musaada",
    "am": "እርዳታ, እገዛ, እርዱኝ, እርዳኝ, erdata",
    "ti": "ሓገዝ, ሓግዙኒ, ሓግዘኒ",
    "om": "gargaarsa, na gargaari, na gargaaraa",
    "so": "caawi, caawimo, caawimaad, i caawi, i caawiya, gargaar",
    "ha": "taimako, taimaka, a taimaka, taimakeni, taimaka mini, ku taimaka, ku taimake ni",
    "wo": "ndimbal, dimbali ma, dimbalima, wallu ma",
    "bm": "dɛmɛ, n dɛmɛ",
    "ff": "ballal, wallu am",
    "bn": "সাহায্য, সাহায্য করুন, সাহায্য চাই, সহায়তা, হেল্প, sahajjo, shahajjo, sahajjo korun",
    "ur": "مدد, مدد کرو, مدد کریں, مدد چاہیے, ہیلپ, madad, madad karo, madad karen",
    "prs": "کمک, کمک کن, کمک کنید, کمکم کنید, راهنما, راهنمایی, komak",
    "ps": "مرسته, مرسته وکړه, مرسته وکړئ",
    "ckb": "یارمەتی, یارمەتیم بدە",
    "kmr": "alîkarî, arîkarî",
    "tr": "yardım, yardım et, yardım edin, imdat, bilgi",
    "es": "ayuda, ayúdame, ayúdenme, ayúdeme, auxilio, socorro, información",
    "pt": "ajuda, ajude, me ajude, me ajudem, informação",
    "ht": "èd, ede m, ede mwen, sekou",
    "sw": "msaada, nisaidie, nisaidieni, saidia, usaidizi",
    "ny": "thandizo, thandizani, ndithandizeni",
    "pcm": "help me abeg, una help",
    "ms": "bantuan, bantu, tolong",
    "my": "အကူအညီ, ကူညီပါ",
    "zh": "帮助, 幫助, 求助",
}
# What people write around a keyword and what changes nothing about it.
COMPANIONS = (
    "please, pls, plz, plse, kindly, thanks, thank, you, now, immediately, sending, send, me, my, to, "
    "the, these, this, your, all, any, sms, message, messages, msg, msgs, text, texts, texting, "
    "service, subscription, abeg, "
    "svp, stp, s'il, s il, vous, te, plaît, plait, merci, maintenant, immédiatement, tout, tous, "
    "les, le, la, des, de, vos, ces, envoyer, m'envoyer, d'envoyer, l'envoi, l'abonnement, "
    "من, فضلك, فضلكم, لو, سمحت, سمحتم, رجاء, الرجاء, شكرا, الآن, فورا, الرسائل, رسائل, الرسالة, "
    "الاشتراك, إرسال, هذه, كل, جميع, "
    "እባክህ, እባክሽ, እባክዎ, እባካችሁ, መልእክት, መልዕክት, አሁን, በጃኹም, በጃኻ, መልእኽቲ, "
    "maaloo, ergaa, fadlan, fariimaha, fariinta, hadda, don allah, sakonni, yanzu, "
    "দয়া, করে, প্লিজ, মেসেজ, এখন, براہ, کرم, مہربانی, پلیز, پیغام, میسج, ابھی, "
    "لطفا, لطفاً, پیام, پیامها, پیام‌ها, اکنون, "
    "por, favor, gracias, ahora, mensajes, los, ya, obrigado, obrigada, agora, mensagens, as, "
    "lütfen, mesaj, mesajları, şimdi, teşekkürler, tafadhali, ujumbe, sasa, asante, "
    "tanpri, mesaj yo, mèsi, chonde, tolong, sila, mesej, pesan"
)
# STOP in any language, and never a word of a story; only these may be followed by what they like.
UNMISTAKABLE = (
    "stop, stopp, sstop, stopall, unsubscribe, unsubcribe, unsuscribe, unsub, optout, "
    "désabonner, désabonnez, désabonnement, désinscrire, ستوب, استوب, ስቶፕ, স্টপ, سٹاپ, اسٹاپ, стоп"
)
MINE_WORDS: dict[str, str] = {
    "en": "my data, mydata, my information, my info, show my data, data about me, what do you know, "
    "what do you know about me, what do you know of me, what do you have about me, what do you keep, "
    "what do you keep about me, what data do you have, what data do you have about me, "
    "what information do you have about me, which data do you have",
    "fr": "mes données, mes infos, mes informations, mes données personnelles, données personnelles, "
    "que savez-vous de moi, que savez-vous sur moi, vous savez quoi de moi, "
    "vous savez quoi sur moi, qu'est-ce que vous savez de moi, qu'est-ce que vous savez sur moi, "
    "quelles données avez-vous sur moi",
    "ar": "بياناتي, معلوماتي, ماذا تعرف عني, ماذا تعرفون عني, ما الذي تعرفونه عني, شو بتعرفوا عني, "
    "شو تعرفون عني, ايش تعرفوا عني, ايش تعرفون عني, تعرفوا ايه عني, واش تعرفو عليا, "
    "bayanati, ma3lomati, ma3loumati",
    "am": "መረጃዬ, የእኔ መረጃ, የኔ መረጃ, ስለ እኔ ምን ታውቃላችሁ, ስለኔ ምን ታውቃላችሁ, ስለ እኔ ምን ታውቃለህ, "
    "ስለኔ ምን ታውቃለህ, ስለ እኔ ምን መረጃ አላችሁ",
    "ti": "ሓበሬታይ, ናተይ ሓበሬታ, ብዛዕባይ እንታይ ትፈልጡ, ብዛዕባይ እንታይ ትፈልጥ",
    "om": "odeeffannoo koo, odeefannoo koo, waa'ee koo maal beektu, waa'ee koo maal beekta",
    "so": "xogtayda, xogteyda, macluumaadkayga, macluumaadkeyga, maxaad iga ogtahay, "
    "maxaad iga ogtihiin, maxaad iga haysaan",
    "ha": "bayanai na, bayanaina, bayanana, me kuka sani game da ni, me ka sani game da ni, "
    "me kuka sani a kaina",
    "sw": "taarifa zangu, data zangu, data yangu, mnajua nini kunihusu, unajua nini kunihusu, "
    "mnajua nini kuhusu mimi, unajua nini kuhusu mimi",
    "bn": "আমার তথ্য, আমার ডেটা, আমার সম্পর্কে কী জানেন, আমার সম্পর্কে কি জানেন, "
    "আপনারা আমার সম্পর্কে কী জানেন, আপনারা আমার সম্পর্কে কি জানেন, amar tottho, amar data",
    "ur": "میرا ڈیٹا, میری معلومات, میرے بارے میں کیا جانتے ہو, میرے بارے میں کیا جانتے ہیں, "
    "آپ میرے بارے میں کیا جانتے ہیں, mera data, meri malumat, meri maloomat",
    "prs": "معلومات من, اطلاعات من, درباره من چه می دانید, درباره من چه میدانید",
    "tr": "verilerim, bilgilerim, benim hakkımda ne biliyorsunuz, hakkımda ne biliyorsunuz",
    "es": "mis datos, mi información, mis datos personales, qué saben de mí, qué sabe de mí, "
    "qué sabes de mí, qué saben sobre mí, qué datos tienen de mí, qué datos tienen sobre mí",
    "pt": "meus dados, os meus dados, o que sabem de mim, o que sabem sobre mim",
}
# Only where a question is open: alone, a yes or a no is no keyword.
YES_WORDS: dict[str, str] = {
    "digits": "1, one, 01",
    "en": "yes, y, yes please, yeah, yep, ok, okay, agree, i agree, accept, i accept, confirm, sure",
    "fr": "oui, ouais, d'accord, ok, je suis d'accord, j'accepte, accepter, je confirme, oui merci",
    "ar": "نعم, ايوه, أيوه, أيوة, ايوا, آه, اه, إي, تمام, موافق, موافقة, أوافق, اوكي, "
    "na3am, naam, aywa, aiwa, mwafeq, muwafiq",
    "am": "አዎ, አዎን, እሺ, እስማማለሁ, ተስማምቻለሁ, awo, eshi, ishi",
    "ti": "እወ, ሕራይ, ይሰማማዕ, ewe, hray",
    "om": "eeyyee, eeyyen, eyyee, eeyee, tole, nan waliigala",
    "so": "haa, haah, waan ogolahay, waan oggolahay, ok",
    "ha": "e, ee, eh, na yarda, na amince, to",
    "wo": "waaw, waw",
    "bm": "awɔ, ɔwɔ",
    "bn": "হ্যাঁ, হ্যা, হা, জি, জ্বি, রাজি, আমি রাজি, hya, hyan, ji, ha",
    "ur": "ہاں, جی, جی ہاں, ٹھیک ہے, متفق, haan, han, ji, ji haan, ji han, theek hai",
    "prs": "بله, بلی, آری, موافقم, bale, bali",
    "ckb": "بەڵێ",
    "kmr": "erê, belê",
    "tr": "evet, tamam, kabul, kabul ediyorum",
    "es": "sí, s, claro, acepto, de acuerdo, estoy de acuerdo, vale, sí acepto, confirmo",
    "pt": "sim, aceito, concordo",
    "ht": "wi, dakò",
    "sw": "ndiyo, ndio, naam, sawa, nakubali, nimekubali, ndyo",
    "ms": "ya, setuju",
    "ru": "да",
}
NO_WORDS: dict[str, str] = {
    "en": "no, n, nope, no thanks, no thank you, i do not agree, i don't agree, not now",
    "fr": "non, non merci, pas d'accord, je ne suis pas d'accord, je refuse",
    "ar": "لا, لأ, لا شكرا, غير موافق, لا أوافق, la, la2",
    "am": "አይ, አይደለም, አልስማማም, አልፈልግም",
    "ti": "ኣይፋል, ኣይፋሉን, ኣይደልን",
    "om": "lakki, hin barbaadu",
    "so": "maya, ma rabo, ma ogoli",
    "ha": "a'a, ba na so, bana so",
    "wo": "déedéet",
    "bm": "ayi",
    "bn": "না, না ধন্যবাদ, na",
    "ur": "نہیں, نہیں شکریہ, nahi, nahin, nai",
    "prs": "نه, نخیر",
    "tr": "hayır",
    "es": "no, no gracias, no acepto",
    "pt": "não, não obrigado, não obrigada",
    "ht": "non",
    "sw": "hapana, sitaki, la",
    "ru": "нет",
}
