//! What CVs and jobs are made of: templates, of which each `{}` takes a skill. Everyday words of
//! every trade, so that a list of the commonest words of all CVs says little about any of them.

/// The phrases of one language.
pub(crate) struct Phrases {
    /// Headings: summary, skills, experience, education, languages, courses.
    pub(crate) headings: [&'static [&'static str]; 6],
    /// Lines on what somebody did or will do.
    pub(crate) lines: &'static [&'static str],
    /// Ends of lines.
    pub(crate) tails: &'static [&'static str],
    /// Lines without a skill.
    pub(crate) plain: &'static [&'static str],
    /// `{}` takes a number of years.
    pub(crate) years: &'static str,
    pub(crate) english: &'static str,
    pub(crate) spanish: &'static str,
    pub(crate) studies: &'static [&'static str],
    pub(crate) courses: &'static [&'static str],
    /// The present, as the end of a period.
    pub(crate) today: &'static str,
}

pub(crate) const PORTUGUESE: Phrases = Phrases {
    headings: [
        &["resumo profissional", "perfil profissional", "objetivo", "resumo das qualificações"],
        &["conhecimentos", "competências técnicas", "conhecimentos técnicos", "habilidades"],
        &["experiência profissional", "histórico profissional", "experiências profissionais"],
        &["formação acadêmica", "formação", "escolaridade"],
        &["idiomas", "línguas"],
        &["cursos e certificações", "cursos complementares", "informações adicionais"],
    ],
    lines: &[
        "desenvolvimento e manutenção de rotinas em {} integradas com {}",
        "responsável pela sustentação e melhoria de sistemas com {} e {}",
        "atuação em projetos de médio e grande porte com {}",
        "elaboração de relatórios gerenciais e indicadores com {}",
        "participação em reuniões com áreas de negócio para definição de escopo de {}",
        "treinamento de usuários e criação de manuais sobre {}",
        "implantação de {} em clientes dos segmentos de varejo, indústria e serviços",
        "levantamento de requisitos, documentação e apoio aos usuários em {}",
        "análise e solução de problemas envolvendo {}",
        "migração de dados e testes integrados em {}",
        "suporte à equipe e aos clientes internos em {}",
        "acompanhamento de chamados e incidentes relacionados a {}",
        "revisão de processos com apoio de {} e {}",
        "criação de procedimentos, controles e padrões para {}",
        "coordenação de atividades de {} junto a fornecedores",
        "profissional com experiência em {} e {}",
        "execução de rotinas diárias de {}",
        "planejamento e entrega de melhorias em {}",
        "administração de ambientes e contratos ligados a {}",
        "vivência em {} em empresa multinacional",
    ],
    tails: &[
        "com foco em redução de custos e aumento de qualidade",
        "garantindo o cumprimento dos prazos acordados",
        "em ambiente de produção com alta disponibilidade",
        "junto às áreas de negócio da empresa",
        "para clientes nacionais e internacionais",
        "reportando diretamente à gerência",
        "com equipe de cinco pessoas",
        "conforme as políticas internas da companhia",
        "durante todo o período do projeto",
        "atendendo às normas de auditoria e qualidade",
        "em conjunto com a equipe de operações",
        "com bons resultados e reconhecimento da diretoria",
    ],
    plain: &[
        "trabalho em equipe multidisciplinar e boa comunicação",
        "gestão de fornecedores, contratos e prazos de entrega",
        "facilidade de aprendizado, organização e comprometimento com resultados",
        "apresentação de resultados mensais para a diretoria da empresa",
        "atendimento a clientes internos e externos por telefone e e-mail",
        "disponibilidade para viagens e mudança de cidade",
        "controle de documentos, planilhas e arquivos da área",
        "acompanhamento de indicadores e metas da equipe",
        "busco novos desafios e crescimento profissional em uma empresa sólida",
        "apoio à gestão no planejamento anual de atividades e recursos",
        "contato direto com o cliente para entendimento da necessidade",
        "melhoria contínua dos processos internos e da qualidade dos serviços",
        "elaboração de documentação, atas e apresentações para reuniões semanais",
        "responsável pela abertura, análise e encerramento de solicitações",
        "principais atividades: organização, análise, controle e entrega de serviços",
    ],
    years: "mais de {} anos de experiência na área",
    english: "inglês",
    spanish: "espanhol",
    studies: &[
        "bacharelado em administração de empresas",
        "tecnólogo em gestão de processos",
        "graduação em sistemas de informação",
        "engenharia de produção",
        "ciências contábeis",
        "curso técnico profissionalizante",
        "superior em gestão empresarial",
    ],
    courses: &[
        "curso de {}, 40 horas",
        "treinamento em {} pela empresa",
        "certificado de conclusão em {}",
        "workshop sobre {}, 16 horas",
    ],
    today: "atual",
};

pub(crate) const ENGLISH: Phrases = Phrases {
    headings: [
        &["professional summary", "profile", "objective"],
        &["skills", "technical skills", "core competencies"],
        &["professional experience", "work experience", "employment history"],
        &["education", "academic background"],
        &["languages"],
        &["courses and certifications", "additional information"],
    ],
    lines: &[
        "designed and maintained pipelines and routines using {} and {}",
        "responsible for the delivery of {} services according to the agreed level",
        "support and troubleshooting of {} in production environments",
        "prepared dashboards and reports with {}",
        "led the migration of legacy systems to {}",
        "professional with hands-on experience in {} and {} in large enterprise projects",
        "worked with business teams to define the scope of {}",
        "trained users and wrote manuals about {}",
        "implemented {} for clients in retail, industry and services",
        "analysis and improvement of processes related to {}",
        "daily operation of {} with internal and external teams",
        "created standards, controls and documentation for {}",
    ],
    tails: &[
        "with focus on cost reduction and quality",
        "within the agreed deadlines",
        "for national and international clients",
        "reporting directly to the management",
        "together with the operations team",
        "during the whole project",
    ],
    plain: &[
        "strong communication and problem solving skills",
        "management of suppliers, contracts and delivery dates",
        "used to work in multicultural teams under pressure",
        "presented monthly results to the board of the company",
        "follow up of team goals and indicators",
        "looking for new challenges in a solid company",
        "continuous improvement of internal processes and services",
    ],
    years: "more than {} years of experience in the field",
    english: "english",
    spanish: "spanish",
    studies: &[
        "bachelor of business administration",
        "bachelor of information systems",
        "production engineering degree",
        "technical course",
    ],
    courses: &["course on {}, 40 hours", "training in {} at the company", "workshop about {}"],
    today: "present",
};

pub(crate) const SPANISH: Phrases = Phrases {
    headings: [
        &["resumen profesional", "perfil profesional", "objetivo"],
        &["conocimientos", "competencias técnicas", "habilidades"],
        &["experiencia profesional", "experiencia laboral"],
        &["formación académica", "estudios"],
        &["idiomas"],
        &["cursos y certificaciones", "información adicional"],
    ],
    lines: &[
        "desarrollo y mantenimiento de rutinas en {} integradas con {}",
        "responsable del soporte y mejora de sistemas con {} y {}",
        "elaboración de informes de gestión e indicadores con {}",
        "participación en reuniones con las áreas de negocio sobre {}",
        "capacitación de usuarios y creación de manuales de {}",
        "implementación de {} en clientes de comercio, industria y servicios",
        "análisis y solución de problemas relacionados con {}",
        "coordinación de actividades de {} con los proveedores",
        "profesional con experiencia en {} y {}",
        "planificación y entrega de mejoras en {}",
    ],
    tails: &[
        "con enfoque en la reducción de costos y la calidad",
        "cumpliendo los plazos acordados con el cliente",
        "para clientes nacionales e internacionales",
        "junto con el equipo de operaciones",
        "durante todo el período del proyecto",
    ],
    plain: &[
        "trabajo en equipo y buena comunicación",
        "gestión de proveedores, contratos y plazos de entrega",
        "facilidad de aprendizaje y compromiso con los resultados",
        "presentación de resultados mensuales a la dirección de la empresa",
        "seguimiento de indicadores y metas del equipo",
        "disponibilidad para viajar y cambiar de ciudad",
    ],
    years: "más de {} años de experiencia en el área",
    english: "inglés",
    spanish: "español",
    studies: &[
        "licenciatura en administración de empresas",
        "ingeniería en sistemas de información",
        "tecnicatura en gestión",
    ],
    courses: &["curso de {}, 40 horas", "capacitación en {} en la empresa", "taller sobre {}"],
    today: "actualidad",
};

/// Companies that do not exist.
pub(crate) const COMPANIES: [&str; 24] = [
    "alfa serviços", "beta sistemas", "grupo horizonte azul", "companhia exemplo", "delta consultoria",
    "rede boa vista exemplo", "nova era tecnologia fictícia", "banco modelo", "seguradora modelo",
    "indústrias aurora fictícia", "mercado central exemplo", "ômega logística", "gama engenharia",
    "hospital modelo", "telecom exemplo", "varejo brasil fictício", "usina exemplo", "sigma digital",
    "construtora modelo", "fundação exemplo", "editora fictícia", "laboratório modelo", "kappa soluções",
    "transportes exemplo",
];

/// Schools that do not exist.
pub(crate) const SCHOOLS: [&str; 10] = [
    "universidade exemplo", "faculdade modelo", "centro universitário fictício", "instituto exemplo",
    "faculdade de tecnologia exemplo", "universidade modelo do sul", "escola técnica exemplo",
    "universidade do vale fictício", "faculdade central exemplo", "instituto superior modelo",
];
