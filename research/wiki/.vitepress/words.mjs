// Every word of the site that is not a page's own.

export const words = {
  en: {
    label: 'English', lang: 'en', title: 'Weir', description: 'A live media server: how to use it',
  },
  zh: {
    label: '简体中文', lang: 'zh-CN', title: 'Weir', description: '直播媒体服务器使用手册',
    outline: {label: '本页内容'},
    docFooter: {prev: '上一页', next: '下一页'},
    darkModeSwitchLabel: '外观',
    lightModeSwitchTitle: '切换到浅色',
    darkModeSwitchTitle: '切换到深色',
    sidebarMenuLabel: '目录',
    returnToTopLabel: '回到顶部',
    langMenuLabel: '切换语言',
    skipToContentLabel: '跳到正文',
  },
};

// The search's own words in Chinese; in English it has them.
export const searching = {
  button: {buttonText: '搜索', buttonAriaLabel: '搜索'},
  modal: {
    displayDetails: '显示详情', resetButtonTitle: '清除', backButtonTitle: '关闭', noResultsText: '没有找到',
    footer: {
      selectText: '打开', selectKeyAriaLabel: '回车', navigateText: '移动', navigateUpKeyAriaLabel: '上', navigateDownKeyAriaLabel: '下',
      closeText: '关闭', closeKeyAriaLabel: 'Esc',
    },
  },
};
