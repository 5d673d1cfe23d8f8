"""The words that mean danger to somebody's life or body, by language; who writes one is read first.

A word we were not sure of in a language is left out rather than invented, so some lists are short, and
some languages have none. None was checked by a speaker yet. Add a line, never a rule.
"""

# Per language, phrases apart by commas; each is folded like a message, so marks and case are free.
# One that ends in a star stands for every word that begins with it.
URGENT_WORDS: dict[str, str] = {
    "en": "drown*, sinking, capsiz*, shipwreck*, overboard, adrift, lost at sea, boat is filling, "
    "boat filling, engine is dead, engine stopped, no fuel, kidnap*, abducted, hostage*, ransom, "
    "held by, locked up, trapped, tortur*, raped, raping, rape, sexual violence, beaten, beating us, "
    "shot, shooting, bleeding, wounded, badly hurt, dying, will die, going to die, dead, dead body, "
    "unconscious, in labour, in labor, giving birth, no water, without water, no food for, "
    "lost in the desert, rescue, emergency, save us, save me, sos, suicid*, kill myself, kill us, "
    "kill me, want to die, trafficked",
    "fr": "noie, noyons, noient, noyade, noyé*, naufrag*, chavir*, coule, coulons, à la dérive, "
    "perdu en mer, perdus en mer, panne en mer, moteur en panne, kidnapp*, enlevé, enlevée, enlevés, "
    "ont enlevé, séquestr*, otage*, rançon, enfermé*, tortur*, viol, violé, violée, violées, violent, "
    "me frappent, nous frappent, tire sur nous, saigne*, blessé, blessée, blessés, mourir, meurt, "
    "mourons, mort, morts, inconscient, inconsciente, accouche, accoucher, plus d'eau, sans eau, "
    "pas d'eau, perdus dans le désert, perdu dans le désert, urgence, détresse, au secours, "
    "sauvez nous, sauvez-moi, suicid*, me tuer, nous tuer",
    "ar": "نغرق, اغرق, أغرق, بنغرق, يغرق, تغرق, غرق, غرقى, غرقنا, القارب يغرق, انقلب القارب, "
    "تائهون في البحر, ضعنا في البحر, في عرض البحر, خطف, خطفوني, خطفونا, مخطوف, مخطوفين, مختطف, "
    "اختطاف, رهينة, رهائن, فدية, محتجز, محتجزين, تعذيب, يعذبوننا, يعذبوني, اغتصاب, اغتصبوني, "
    "ينزف, نزيف, جريح, جرحى, مصاب, نموت, اموت, أموت, بنموت, يموت, تموت, سنموت, ميت, جثة, "
    "ما في ماء, مافي ماء, لا ماء, بدون ماء, ضعنا في الصحراء, طوارئ, انقذونا, أنقذونا, انقذوني, "
    "الحقونا, الحقوني, ولادة, انتحار, انتحر, اقتل نفسي, يقتلوننا",
    "es": "ahog*, hundi*, naufrag*, a la deriva, perdidos en el mar, secuestr*, rehén, rehenes, "
    "rescate, tortur*, violación, violaron, violada, violado, golpean, sangr*, herido, herida, "
    "heridos, morir, muere, muriendo, muerto, muertos, inconsciente, dando a luz, sin agua, "
    "perdidos en el desierto, emergencia, sálvennos, suicid*, matarme, matarnos",
    "pt": "afog*, afund*, naufrag*, à deriva, sequestr*, refém, reféns, resgate, tortur*, estupr*, "
    "violada, sangr*, ferido, ferida, morrer, morrendo, morto, inconsciente, sem água, emergência, "
    "suicid*, me matar",
    "sw": "tunazama, nazama, anazama, tunakufa, nakufa, anakufa, tutakufa, nimetekwa, tumetekwa, "
    "ametekwa, wametutesa, mateso, nimebakwa, amebakwa, ubakaji, anatoka damu, dharura, tuokoeni, "
    "niokoeni, kujiua",
    "ha": "muna nutsewa, mun nutse, za mu mutu, zan mutu, muna mutuwa, an sace ni, an sace mu, "
    "garkuwa, kudin fansa, fyade, zubar da jini, ku cece mu, ku cece ni",
    "so": "waa la i afduubay, waa nala afduubay, la afduubay, madax furasho, waan dhimanaynaa, "
    "waan dhimanayaa, kufsi, degdeg",
    "am": "እየሰመጥን, እየሰጠምን, ልንሞት, ልሞት, እየሞትን, ታግተናል, ታፍነናል, ቤዛ, መደፈር, አድኑን, አድኑኝ, ደም እየፈሰሰ",
    "ti": "ንጥሕል, ክንመውት, ክመውት, ጨውዮምና, ጨውዮምኒ, ተጨውየ, ተጨዊና, ኣድሕኑና, ኣድሕኑኒ, ደም ይፈስስ",
    "tr": "boğul*, batıyoruz, batıyor, alabora, kaçırıldı*, rehin*, fidye, işkence, tecavüz, "
    "kanaması var, kanıyor, ölüyor*, öleceğiz, öleceğim, acil, kurtarın, intihar",
    "prs": "غرق, غرق می شویم, ربوده, اختطاف, گروگان, شکنجه, تجاوز, خونریزی, زخمی, می میریم, "
    "میمیریم, می میرم, میمیرم, نجات دهید, نجاتم دهید, عاجل, خودکشی, آب نداریم",
    "ps": "ډوبیږو, ډوبېږو, تښتول, تښتولي, تښتولی, یرغمل, مړه کیږو, مړ کیږم, شکنجه",
    "ur": "ڈوب, اغوا, یرغمال, تاوان, تشدد, زیادتی, خون بہہ, زخمی, مر رہے, مر رہا, مر رہی, مر جائیں گے, "
    "ایمرجنسی, بچاؤ, بچاو, خودکشی, پانی نہیں",
    "bn": "ডুবে, ডুবছে, ডুবছি, অপহরণ, জিম্মি, মুক্তিপণ, নির্যাতন, ধর্ষণ, রক্তপাত, মারা যাচ্ছি, মরে যাচ্ছি, "
    "মারা যাব, জরুরি, বাঁচান, বাঁচাও, আত্মহত্যা, পানি নেই",
}
